"""Edits of a scenario: what a planner may try, as values, and how they are written down.

What they come to is in :mod:`geo.scenario.resolve_edits`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from reprlib import repr as short
from typing import Any, Final, get_args

import numpy as np

from geo.errors import InputError
from geo.messages import Message

_LONGEST_TEXT: Final = 200
"""Characters of a name or an identifier."""


@dataclass(frozen=True, slots=True)
class AddPoint:
    """Open a service point at a place (EPSG:4326 degrees)."""

    point_id: str
    category: str
    lon: float
    lat: float
    name: str = ""
    capacity: float = 1.0


@dataclass(frozen=True, slots=True)
class MovePoint:
    """Move a service point."""

    point_id: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class ClosePoint:
    """Close a service point."""

    point_id: str


@dataclass(frozen=True, slots=True)
class RecategorisePoint:
    """Let a service point serve in another category."""

    point_id: str
    category: str


@dataclass(frozen=True, slots=True)
class SetHouseholds:
    """Change the number of households of a building."""

    building_id: str
    households: int


@dataclass(frozen=True, slots=True)
class OpenGate:
    """Open a closed gate."""

    gate_id: str


@dataclass(frozen=True, slots=True)
class CloseGate:
    """Close a gate."""

    gate_id: str


@dataclass(frozen=True, slots=True)
class AddStreet:
    """Add a walkable way along a path (EPSG:4326 degrees); its ends join what is there.

    One `from_door` begins where its path does, at a door, and joins by its other end alone.
    """

    path: tuple[tuple[float, float], ...]
    kind: str = "footway"
    bridge: bool = False
    name: str = ""
    from_door: bool = False


@dataclass(frozen=True, slots=True)
class CloseStreet:
    """Close an edge of the walk network."""

    edge_id: int


Edit = (
    AddPoint
    | MovePoint
    | ClosePoint
    | RecategorisePoint
    | SetHouseholds
    | OpenGate
    | CloseGate
    | AddStreet
    | CloseStreet
)
OPERATIONS: Final[Mapping[str, type[Any]]] = {
    "add_point": AddPoint,
    "move_point": MovePoint,
    "close_point": ClosePoint,
    "recategorise_point": RecategorisePoint,
    "set_households": SetHouseholds,
    "open_gate": OpenGate,
    "close_gate": CloseGate,
    "add_street": AddStreet,
    "close_street": CloseStreet,
}
"""Name of each edit where edits are written down, as in ``{"op": "close_point", ...}``."""


assert set(OPERATIONS.values()) == set(get_args(Edit))  # noqa: S101 - no edit without a name


_NAMES: Final = {edit: name for name, edit in OPERATIONS.items()}


def parse_edit(written: Mapping[str, Any]) -> Edit:
    """Return the edit that a mapping writes down.

    Raises
    ------
    InputError
        Naming the unknown operation, or all missing, unknown and ill-typed members at once.

    Examples
    --------
    >>> parse_edit({"op": "close_point", "point_id": "p1"})
    ClosePoint(point_id='p1')
    """
    operation = OPERATIONS.get(str(written.get("op")))
    if operation is None:
        got = short(written.get("op"))
        raise InputError("scenario.op_unknown", got=got, known=list(OPERATIONS))
    members = {f.name: f for f in fields(operation)}
    unknown = [name for name in written if name != "op" and name not in members]
    faults = [
        Message("scenario.member_unknown", {"name": str(name)[:_LONGEST_TEXT]})
        for name in unknown[:3]
    ]
    values: dict[str, Any] = {}
    for name, member in members.items():
        if name in written:
            try:
                values[name] = _READ[str(getattr(member.type, "__name__", ""))](written[name])
            except (TypeError, ValueError):
                got = short(written[name])
                faults.append(Message("scenario.member_wrong", {"name": name, "got": got}))
        elif member.default is MISSING:
            faults.append(Message("scenario.member_missing", {"name": name}))
    if faults:
        raise InputError(
            "scenario.members", op=str(written["op"]), faults=faults, members=list(members)
        )
    edit: Edit = operation(**values)
    return edit


def write_edit(edit: Edit) -> dict[str, Any]:
    """Return the mapping that :func:`parse_edit` reads as `edit`, with every member.

    Examples
    --------
    >>> write_edit(ClosePoint("p1"))
    {'op': 'close_point', 'point_id': 'p1'}
    """
    return {"op": _NAMES[type(edit)], **asdict(edit)}


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise TypeError
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise TypeError
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _path(value: object) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, Sequence) or len(value) < 2:  # noqa: PLR2004 - a line has two ends
        raise TypeError
    return tuple((_number(lon), _number(lat)) for lon, lat in value)


_READ: Final = {"float": _number, "int": _whole, "str": _text, "bool": _truth, "tuple": _path}
