"""The job of an import."""

from datetime import date
from typing import Any, Final

from api.formats.aliases import Json
from api.imports.answers import imported
from api.jobs.task import Task
from boundaries.import_report import ImportReport
from boundaries.imports.import_files import load_layer, load_osm
from boundaries.standards.catalogue import load_standard
from boundaries.store.tables.records import Deed

IMPORT: Final = "import"
OSM: Final = "osm"
"""Names an OpenStreetMap extract in place of a layer."""


def import_file(task: Task) -> Json:
    """Load the file of a job into a district (:mod:`boundaries.imports.import_files`)."""
    parameters, code = task.job.parameters, task.job.district
    path = task.folder / parameters["filename"]
    path.write_bytes(task.content())
    deed = Deed(
        actor=task.job.actor,
        valid_from=date.fromisoformat(day) if (day := parameters.get("valid_from")) else None,
        seal=lambda connection, deed, revision: task.seal(
            connection, imported(code, revision, deed.report or ImportReport(path.name))
        ),
    )
    options: dict[str, Any] = {
        "name_zh": parameters["name_zh"],
        "name_en": parameters["name_en"],
        "standard": load_standard(task.settings.standard or None),
        "dry_run": parameters["dry_run"],
        "deed": deed,
        "progress": task.report,
    }
    if parameters["layer"] == OSM:
        outcome = load_osm(task.store, code, path, **options)
    else:
        layer_only = {"crs": parameters["crs"], "add": parameters["add"]}
        outcome = load_layer(task.store, code, parameters["layer"], path, **layer_only, **options)
    return imported(code, outcome.revision, outcome.report)
