"""Shapes of scenarios and explanations, for the API document.

The shapes of the edits are made from :data:`geo.edits.OPERATIONS`, so that none can be missing.
"""

from dataclasses import MISSING, fields
from typing import Annotated, Any, Literal, Union, get_type_hints

from pydantic import BaseModel, Field, create_model

from api.models import AtMoment, Meta, Shape
from geo.edits import OPERATIONS


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


class ScenarioIn(Shape):
    """Edits, applied in order."""

    edits: list[Annotated[Union[EDIT_SHAPES], Field(discriminator="op")]]  # type: ignore[valid-type]  # noqa: UP007 - of a tuple


class ChangeRow(Shape):
    """One category's figures in one grid, or in the district, before and after."""

    code: str
    name_zh: str
    name_en: str
    category: str = Field(description="A category, or all: reaches every one.")
    before: float = Field(description="Households covered.")
    after: float
    change: float
    gained: float = Field(description="Households, as after the edits, that came to be covered.")
    lost: float = Field(description="Households that ceased to be.")
    coverage_before: float | None = Field(description="Share 0..1; null without households.")
    coverage_after: float | None


StatusName = Literal["covered", "beyond", "unlinked"]


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


class ScenarioAnswer(Meta, AtMoment):
    """What a scenario changes; nothing is stored."""

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


class WalkSplit(Shape):
    """The walk taken apart."""

    leg_from_s: float
    network_s: float = Field(description="Without the waits at crossings.")
    crossings_s: float = Field(description="Waits at crossings.")
    leg_to_s: float
    metres: float = Field(description="Along the network, between the two access legs.")
    climb_m: float = Field(description="Metres climbed; descents are not taken off.")
    leg_from_m: float
    leg_to_m: float


class RemedyShape(Shape):
    """One edit that covers the building, verified by a re-run of the district."""

    kind: Literal["open_gate", "gate", "bridge", "footpath"]
    edit: dict[str, Any] = Field(description="To be sent in the edits of a scenario.")
    length_m: float = Field(description="Of what is to be built; 0 for a gate that is there.")
    time_s: float = Field(description="Walking time of the building with it.")
    households: float = Field(description="That it newly covers for the category.")


class ExplanationAnswer(Meta, AtMoment):
    """Why a building is covered by a category or not."""

    building_id: str
    category: str
    status: StatusName
    cause: Literal["covered", "unlinked", "no_point", "too_far", "closed_gate", "barrier", "detour"]
    subject: str = Field(
        description="The gate or barrier in the way, or why the building is unlinked; else empty."
    )
    time_s: float | None = Field(description="Null when unreached within two hours.")
    point_id: str | None
    point_name: str | None
    straight_m: float | None = Field(
        description="Straight line to the nearest linked point of the category; null without one."
    )
    split: WalkSplit | None
    geometry: dict[str, Any] | None = Field(description="GeoJSON LineString, EPSG:4326.")
    remedy: RemedyShape | None
    sentence_zh: str
    sentence_en: str
