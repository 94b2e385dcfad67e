"""The job of a partition."""

from typing import Final

from api.formats.aliases import Json
from api.jobs.task import Task
from api.partitions.answers import (
    PartitionQuestion,
    Proposal,
    Update,
    answer_of,
    propose,
    propose_update,
    save_plan,
)
from boundaries.store.tables.records import Deed


def draw_partition(task: Task) -> Json:
    """Draw grids and beats, and store them if that was asked (:mod:`api.partitions.answers`)."""
    asked = task.job.parameters
    question = PartitionQuestion(**{**asked, "keep": tuple(asked["keep"])})
    code = task.job.district
    task.report(0.0, "reading the district")

    def on_progress(share: float) -> None:
        task.report(0.05 + 0.9 * share, "drawing")

    result: Proposal | Update
    if question.update:
        result = propose_update(task.store, code, question)
    else:
        result = propose(task.store, code, question, progress=on_progress)
    if not question.save:
        return answer_of(result, None)
    deed = Deed(
        f"{'update' if question.update else 'partition'} of grids, seed {question.seed}",
        task.job.actor,
        seal=lambda connection, _, revision: task.seal(connection, answer_of(result, revision)),
    )
    return answer_of(result, save_plan(task.store, result, deed=deed))


PARTITION: Final = "partition"
