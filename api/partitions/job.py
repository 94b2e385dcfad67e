"""The job of a partition."""

from typing import Final

from api.formats.aliases import Json
from api.jobs.task import Task
from api.partitions.answers import answer_of, draw, save_proposal
from api.partitions.schemas import PartitionQuestion
from geo.messages import Message


def draw_partition(task: Task) -> Json:
    """Draw grids and beats, and store them if that was asked (:mod:`api.partitions.answers`)."""
    question = PartitionQuestion(**task.job.parameters)
    task.report(0.0, Message("job.reading_district"))

    def on_progress(share: float) -> None:
        task.report(0.05 + 0.9 * share, Message("job.drawing"))

    result = draw(task.store, task.job.district, question, progress=on_progress)
    if not question.save:
        return answer_of(result, None)
    revision = save_proposal(
        task.store,
        result,
        question,
        actor=task.job.actor,
        before_commit=lambda connection, _, made: task.mark_done(
            connection, answer_of(result, made)
        ),
    )
    return answer_of(result, revision)


PARTITION: Final = "partition"
