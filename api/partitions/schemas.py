"""What a partition is asked for, as the API document has it."""

from typing import Annotated, Any, Final

from pydantic import Field

from api.http.schemas import GridRulesIn
from api.jobs.schemas import JobShape


class PartitionQuestion(GridRulesIn):
    """How to draw."""

    seed: int = Field(default=1, ge=0, lt=2**31, description="The same seed, the same grids.")
    keep: list[Annotated[str, Field(max_length=64)]] = Field(
        default=[], max_length=10_000, description="Codes of present grids that stay as they are."
    )
    save: bool = Field(
        default=False, description="Store it in place of the grids and beats there are."
    )
    update: bool = Field(
        default=False,
        description="Draw anew only the small grids that have left their band, three at most each.",
    )


QUEUED: Final[dict[str, Any]] = {
    **JobShape.QUEUED,
    "kind": "partition",
    "parameters": {
        "band": [30, 50],
        "beat": [80, 120],
        "weights": None,
        "reach": None,
        "seed": 1,
        "keep": ["371602001001101"],
        "save": False,
        "update": False,
    },
}
