"""Shapes of scenarios and explanations, for the API document.

The shapes of the edits are made from :data:`geo.scenario.edits.OPERATIONS`, so that none can be
missing.
"""

from dataclasses import MISSING, fields
from typing import Annotated, Any, ClassVar, Final, Literal, Union, get_type_hints

from pydantic import BaseModel, Field, create_model

from api.formats.aliases import Json
from api.http.answer_notes import AtMoment, Judged
from api.http.schemas import Shape, StatusName, Tiered
from geo.scenario.edits import OPERATIONS


def _edit_shape(operation: str, edit: type[Any]) -> type[BaseModel]:
    """Return the shape of one edit: its ``op`` and the members of its dataclass."""
    hints = get_type_hints(edit)
    members = {
        member.name: (hints[member.name], ... if member.default is MISSING else member.default)
        for member in fields(edit)
    }
    shape: type[BaseModel] = create_model(  # type: ignore[call-overload]
        f"{edit.__name__}Edit",
        __base__=Shape,
        __doc__=edit.__doc__,
        op=(Literal[operation], ...),
        **members,
    )
    return shape


EDIT_SHAPES = tuple(_edit_shape(operation, edit) for operation, edit in OPERATIONS.items())


_EDIT: Final[Json] = {
    "op": "add_point",
    "point_id": "new-1",
    "category": "catering",
    "lon": 118.002,
    "lat": 37.38,
    "name": "社区食堂",
    "capacity": 1.0,
}


class ScenarioIn(Shape):
    """Edits, applied in order."""

    edits: list[Annotated[Union[EDIT_SHAPES], Field(discriminator="op")]]  # type: ignore[valid-type]  # noqa: UP007 - of a tuple

    EXAMPLE: ClassVar[Json] = {"edits": [_EDIT, {"op": "open_gate", "gate_id": "g1"}]}


class ChangeRow(Shape):
    """One category's figures in one grid, or in the district, before and after."""

    code: str
    name_zh: str
    name_en: str
    category: str = Field(description="A category, or all: reaches every judged one.")
    before: float = Field(description="Households covered.")
    after: float
    change: float
    gained: float = Field(description="Households, as after the edits, that came to be covered.")
    lost: float = Field(description="Households that ceased to be.")
    coverage_before: float | None = Field(description="Share 0..1; null without households.")
    coverage_after: float | None

    EXAMPLE: ClassVar[Json] = {
        "code": "371602001001101",
        "name_zh": "第一网格",
        "name_en": "Grid 1",
        "category": "catering",
        "before": 28.0,
        "after": 40.0,
        "change": 12.0,
        "gained": 12.0,
        "lost": 0.0,
        "coverage_before": 0.7,
        "coverage_after": 1.0,
    }


_WHOLE: Final[Json] = {
    **ChangeRow.EXAMPLE,
    "code": "371602",
    "name_zh": "滨城区",
    "name_en": "Bincheng",
}


class ChangedBuilding(Shape):
    """A building that has another status for a category."""

    building_id: str
    lon: float
    lat: float
    households: int = Field(description="As after the edits.")
    category: str
    before_s: float | None = Field(description="Null when unreached within two hours.")
    after_s: float | None
    before_point: str | None
    after_point: str | None
    status_before: StatusName
    status_after: StatusName


class UnlinkedPoint(Shape):
    """A service point of the edits that meets no walkable way."""

    point_id: str
    reason: str


class ScenarioAnswer(Tiered, AtMoment, Judged):
    """What a scenario changes; nothing is stored. `judged` is that of the district as it is."""

    by: Literal["small", "medium", "large", "district"]
    edits: list[dict[str, Any]] = Field(description="As understood, with every member.")
    changes: list[ChangeRow] = Field(description="Figures that differ, by grid.")
    total: list[ChangeRow] = Field(
        description="Of the district: category all, and every category that differs."
    )
    buildings: list[ChangedBuilding] = Field(description="Most households first.")
    buildings_cut: int = Field(description="Rows that are not listed.")
    changed: int = Field(description="Pairs of building and category with another time.")
    unlinked: list[UnlinkedPoint] = Field(
        description="Points that the edits add or change and nobody can reach: too far from every "
        "walkable way, or behind a barrier."
    )

    EXAMPLE: ClassVar[Json] = {
        **Tiered.EXAMPLE,
        **Judged.EXAMPLE,
        "hours_at": None,
        "by": "small",
        "edits": ScenarioIn.EXAMPLE["edits"],
        "changes": [ChangeRow.EXAMPLE],
        "total": [{**_WHOLE, "category": "all"}, _WHOLE],
        "buildings": [
            {
                "building_id": "b1",
                "lon": 118.002,
                "lat": 37.38,
                "households": 12,
                "category": "catering",
                "before_s": 948.0,
                "after_s": 240.0,
                "before_point": "p1",
                "after_point": "new-1",
                "status_before": "beyond",
                "status_after": "covered",
            }
        ],
        "buildings_cut": 0,
        "changed": 3,
        "unlinked": [],
    }
