"""The kinds of job: what each does with its task."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from api.imported import imported
from api.job_process import Json, Task
from api.partitions import (
    PartitionQuestion,
    Proposal,
    Update,
    answer_of,
    propose,
    propose_update,
    save,
)
from api.runs import CoverageQuestion, compute, keep_run, make_run
from api.snapshot import Snapshot
from boundaries.history import Deed
from boundaries.importing import load_layer, load_osm
from boundaries.report import ImportReport
from boundaries.runs import COVERAGE
from boundaries.standards import load_standard

IMPORT: Final = "import"
OSM: Final = "osm"
"""What an import names in place of a layer when its file is an OpenStreetMap extract."""


def import_file(task: Task) -> Json:
    """Load the file of a job into a district (:mod:`boundaries.importing`)."""
    asked, code = task.job.parameters, task.job.district
    path = task.folder / asked["filename"]
    path.write_bytes(task.content())
    deed = Deed(
        actor=task.job.actor,
        valid_from=date.fromisoformat(day) if (day := asked.get("valid_from")) else None,
        seal=lambda connection, deed, revision: task.seal(
            connection, imported(code, revision, deed.report or ImportReport(path.name))
        ),
    )
    given: dict[str, Any] = {
        "name_zh": asked["name_zh"],
        "name_en": asked["name_en"],
        "standard": load_standard(task.settings.standard or None),
        "dry_run": asked["dry_run"],
        "deed": deed,
        "tell": task.tell,
    }
    if asked["layer"] == OSM:
        done = load_osm(task.store, code, path, **given)
    else:
        own = {"crs": asked["crs"], "add": asked["add"]}
        done = load_layer(task.store, code, asked["layer"], path, **own, **given)
    return imported(code, done.revision, done.report)


def keep_coverage(task: Task) -> Json:
    """Compute the coverage of a district and keep it as a run (:mod:`api.runs`)."""
    standard = load_standard(task.settings.standard or None)
    task.tell(0.0, "reading the district")
    district, layers = task.store.snapshot(task.job.district)
    snapshot = Snapshot(district, layers, standard, cache=task.settings.cache_folder)
    question = CoverageQuestion(**task.job.parameters)
    made_from, result = compute(snapshot, question, tell=task.tell)
    run = make_run(made_from, result, actor=task.job.actor)
    told = {"run": run.run, "district": run.district, "revision": run.revision}
    keep_run(task.store, run, result, seal=lambda connection: task.seal(connection, told))
    return told


def draw_partition(task: Task) -> Json:
    """Draw grids and beats, and store them if that was asked (:mod:`api.partitions`)."""
    asked = task.job.parameters
    question = PartitionQuestion(**{**asked, "keep": tuple(asked["keep"])})
    code = task.job.district
    task.tell(0.0, "reading the district")

    def told(share: float) -> None:
        task.tell(0.05 + 0.9 * share, "drawing")

    found: Proposal | Update
    if question.update:
        found = propose_update(task.store, code, question)
    else:
        found = propose(task.store, code, question, tell=told)
    if not question.save:
        return answer_of(found, None)
    deed = Deed(
        f"{'update' if question.update else 'partition'} of grids, seed {question.seed}",
        task.job.actor,
        seal=lambda connection, _, revision: task.seal(connection, answer_of(found, revision)),
    )
    return answer_of(found, save(task.store, found, deed=deed))


PARTITION: Final = "partition"

KINDS: Final[Mapping[str, Callable[[Task], Json]]] = {
    IMPORT: import_file,
    COVERAGE: keep_coverage,
    PARTITION: draw_partition,
}
"""Work of each kind of job; what it returns is the result."""
