"""The kinds of job: what each does with its task."""

from collections.abc import Callable, Mapping
from typing import Final

from api.formats.aliases import Json
from api.imports.job import IMPORT, import_file
from api.jobs.task import Task
from api.partitions.job import PARTITION, draw_partition
from api.runs.job import keep_coverage
from boundaries.store.runs import COVERAGE

HANDLERS: Final[Mapping[str, Callable[[Task], Json]]] = {
    IMPORT: import_file,
    COVERAGE: keep_coverage,
    PARTITION: draw_partition,
}
"""Function of each kind of job; what it returns is the result."""
