"""The record of an import: what a store keeps of the report of every change."""

import json
from dataclasses import asdict, dataclass

from boundaries.report import ImportReport, LayerReport
from geo.errors import ConflictError


class RevisionError(ConflictError):
    """The district is not at the revision that a change was worked out from."""


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import that changed a district.

    Attributes
    ----------
    report : ImportReport
        What the import did, row by row.
    sha256 : str
        Of the file; empty if there was none.
    imported_at : str
        UTC, ISO 8601.
    revision : int
        The revision of the district that the import made.
    """

    report: ImportReport
    sha256: str
    imported_at: str
    revision: int


def report_to_json(report: ImportReport) -> str:
    """Return a report as JSON text."""
    return json.dumps(asdict(report), ensure_ascii=False)


def report_from_json(text: str) -> ImportReport:
    """Return the report that :func:`report_to_json` wrote.

    Examples
    --------
    >>> report = ImportReport("grids.geojson")
    >>> report.layer("grids").reject("row 3", "no geometry")
    >>> report_from_json(report_to_json(report)) == report
    True
    """
    value = json.loads(text)
    layers = {
        name: LayerReport(**{**layer, "rejected": [(row, why) for row, why in layer["rejected"]]})
        for name, layer in value["layers"].items()
    }
    return ImportReport(value["source"], layers)
