"""The job of a coverage run."""

from api.formats.aliases import Json
from api.jobs.task import Task
from api.parameters import CoverageQuestion
from api.runs.answers import compute, keep_run, make_run
from api.snapshot.district import Snapshot
from boundaries.standards.catalogue import load_standard
from geo.messages import Message


def keep_coverage(task: Task) -> Json:
    """Compute the coverage of a district and keep it as a run (:mod:`api.runs.answers`)."""
    standard = load_standard(task.settings.standard or None)
    task.report(0.0, Message("job.reading_district"))
    district, layers = task.store.snapshot(task.job.district)
    snapshot = Snapshot(district, layers, standard, cache=task.settings.cache_folder)
    question = CoverageQuestion(**task.job.parameters)
    made_from, result = compute(snapshot, question, progress=task.report)
    run = make_run(made_from, result, actor=task.job.actor)
    outcome = {"run": run.run, "district": run.district, "revision": run.revision}
    keep_run(
        task.store,
        run,
        result,
        before_commit=lambda connection: task.mark_done(connection, outcome),
    )
    return outcome
