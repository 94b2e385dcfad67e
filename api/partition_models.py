"""What a partition is asked for, as the API document has it."""

from pydantic import Field

from api.models import Shape


class PartitionRequest(Shape):
    """How to draw."""

    seed: int = Field(default=1, ge=0, lt=2**31, description="The same seed, the same grids.")
    keep: list[str] = Field(
        default=[], max_length=10_000, description="Codes of present grids that stay as they are."
    )
    save: bool = Field(
        default=False, description="Store it in place of the grids and beats there are."
    )
    update: bool = Field(
        default=False,
        description="Draw anew only the small grids that have left their band, three at most each.",
    )
