"""Shapes of a district's rules for its grids, for the API document."""

from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import GridRulesIn, Shape


class GridSettingsIn(GridRulesIn):
    """What a district sets; what is left out is as its document has it."""

    split_names: str | None = Field(
        default=None,
        max_length=200,
        description="Names of new parts of a split grid, with {name}, {code}, {n}.",
    )
    notice_phone: str | None = Field(
        default=None,
        max_length=40,
        description="Number of the office that hears objections to public notices.",
    )


class WeightsOut(Shape):
    """What the search for grids and beats weighs against each other."""

    shape: float
    cut: float
    crossing: list[float]
    beat_shape: float
    beat_cut: float
    beat: float


class GridRulesOut(Shape):
    """Rules as they are in force."""

    band: Annotated[list[int], Field(description="Least and most households of a small grid.")]
    beat: Annotated[list[int], Field(description="Least and most households of a beat.")]
    weights: WeightsOut
    split_names: str = Field(description="Empty: the rule of the service.")
    reach: float = Field(
        description="Metres on the walk network within which detached homes join others."
    )
    notice_phone: str = Field(description="Empty: notices leave a line for it.")


class GridSettingsAnswer(Shape):
    """What a district sets for its grids, and the rules that are in force by it."""

    district: str
    revision: int
    set: dict[str, Any] = Field(description="What the district itself sets.")
    rules: GridRulesOut

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "revision": 4,
        "set": {"band": [20, 40]},
        "rules": {
            "band": [20, 40],
            "beat": [80, 120],
            "weights": {
                "shape": 8.0,
                "cut": 3.0,
                "crossing": [0.0, 0.0, 2.0, 4.0, 8.0, 16.0],
                "beat_shape": 2.0,
                "beat_cut": 0.3,
                "beat": 250.0,
            },
            "split_names": "",
            "reach": 600.0,
            "notice_phone": "0543-3123456",
        },
    }


SETTINGS_IN: Final[Json] = {"band": [20, 40], "split_names": "{name}-{n}"}
