"""The kinds of job: what each does with its task."""

from typing import Final

from api.imports.job import IMPORT, import_file
from api.jobs.limits import Limits
from api.jobs.task import Handler, Handlers
from api.partitions.job import PARTITION, draw_partition
from api.runs.job import keep_coverage
from boundaries.store.runs import COVERAGE

HANDLERS: Final[Handlers] = {
    IMPORT: Handler(import_file, Limits(memory_bytes=6_000_000_000)),
    COVERAGE: Handler(keep_coverage, Limits(wall_s=1_800, written_bytes=2_000_000_000)),
    PARTITION: Handler(draw_partition, Limits()),
}
"""Function and limits of each kind of job; what the function returns is the result."""
