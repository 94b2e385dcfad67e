"""The job of an import."""

from datetime import date
from typing import Any, Final

from api.formats.aliases import Json
from api.jobs.task import Task
from boundaries.import_report import ImportReport
from boundaries.imports.import_files import load_layer, load_osm
from boundaries.standards.catalogue import load_standard
from boundaries.store.tables.records import Commit

IMPORT: Final = "import"
OSM: Final = "osm"
"""Names an OpenStreetMap extract in place of a layer."""


def import_file(task: Task) -> Json:
    """Load the file of a job into a district (:mod:`boundaries.imports.import_files`)."""
    parameters, code = task.job.parameters, task.job.district
    path = task.upload
    commit = Commit(
        actor=task.job.actor,
        valid_from=date.fromisoformat(day) if (day := parameters.get("valid_from")) else None,
        before_commit=lambda connection, commit, revision: task.mark_done(
            connection, _stored(code, revision, commit.report or ImportReport(path.name))
        ),
    )
    options: dict[str, Any] = {
        "name_zh": parameters["name_zh"],
        "name_en": parameters["name_en"],
        "standard": load_standard(task.settings.standard or None),
        "dry_run": parameters["dry_run"],
        "commit": commit,
        "progress": task.report,
    }
    if parameters["layer"] == OSM:
        outcome = load_osm(task.store, code, path, **options)
    else:
        layer_only = {name: parameters[name] for name in ("crs", "add")}
        for name in (
            "faulty",
            "accept_losses",
            "encoding",
            "part",
            "columns",
        ):  # jobs of before have none
            layer_only |= {name: parameters[name]} if name in parameters else {}
        outcome = load_layer(task.store, code, parameters["layer"], path, **layer_only, **options)
    return _stored(code, outcome.revision, outcome.report)


def _stored(code: str, revision: int | None, report: ImportReport) -> Json:
    """Return the result of the job, whose report is told in the language of who asks."""
    return {"district": code, "revision": revision, "report": report.as_json()}
