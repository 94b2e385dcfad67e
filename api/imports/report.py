"""Import reports on the terminal: read, accepted, repaired how, rejected with rows and reasons."""

from typing import Any, Final

from api.console.notices import names, print_named
from api.console.output import print_json, print_table, print_text
from api.imports.answers import imported
from boundaries.import_report import ImportReport

_NAMED: Final = 8
"""Rejected rows that are named per reason, and places per layer."""


def print_report(
    report: ImportReport, *, code: str, revision: int | None, db: str, as_json: bool
) -> None:
    """Print what an import did.

    Parameters
    ----------
    report : ImportReport
    code : str
    revision : int or None
        That the import made; None where nothing was written (``--dry-run``).
    db : str
    as_json : bool
    """
    if as_json:
        print_json(imported(code, revision, report))
        return
    rows = [
        {
            "layer": name,
            "read": layer.read,
            "accepted": layer.accepted,
            "rejected": len(layer.rejected),
            "repaired": _counted(layer.repaired),
            "notes": _counted(layer.notes),
        }
        for name, layer in report.layers.items()
    ]
    print_table(f"Import of {report.source}", rows)
    rejected = _by_reason(report)
    if rejected:
        print_table("Rejected (every row with --json)", rejected)
    for name, layer in report.layers.items():
        print_named(f"{name}, place by place", layer.named)
    if revision is None:
        print_text("Dry run: nothing was written.")
    else:
        from boundaries.store.open import place_of  # noqa: PLC0415 - heavy

        print_text(f"District {code} is at revision {revision} in {place_of(db)}.")


def _by_reason(report: ImportReport) -> list[dict[str, Any]]:
    """Return one row per layer and reason, with the first rows by name."""
    rows: dict[tuple[str, str], list[str]] = {}
    for name, layer in report.layers.items():
        for row, why in layer.rejected:
            rows.setdefault((name, why), []).append(row)
    return [
        {
            "layer": name,
            "reason": why,
            "rows": len(which),
            "which": names(which, limit=_NAMED),
        }
        for (name, why), which in rows.items()
    ]


def _counted(what: dict[str, int]) -> str:
    return "; ".join(f"{name}: {n}" for name, n in what.items()) or "-"
