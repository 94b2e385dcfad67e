"""Organisations of a plan: which there are, and the grid or the place at which each one stands.

What is wanted is data (:class:`GridRole`, :class:`PlaceRole`). Organisations stand in a table, or
are service points of a role's kind, or whose sign names it; one sign fills one role. What cannot be
put anywhere is returned with its reason, never left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.arrays import ObjectArray
from geo.grids.assign import assign, demand_xy
from geo.model.vocabulary import Level

IN_GRID: Final = ("grid_code", "role", "name")
"""Columns of organisations that belong to a grid."""

NAMED: Final = ("place_id", "role", "name", "grid_code", "point_id", "lon", "lat")
"""Columns of hubs and stations as a table names them."""

PLACED: Final = ("place_id", "role", "name", "lon", "lat")
"""Columns of hubs and stations with a place."""

UNPLACED: Final = ("role", "name", "grid_code", "point_id", "reason")
"""Columns of what has no place; see :class:`Unplaced`."""


class Unplaced(StrEnum):
    """Why an organisation stands nowhere."""

    OUTSIDE = "outside"  # a service point in no grid of the role's level
    NO_GRID = "no_grid"  # the plan has no grid of that code and level
    NO_POINT = "no_point"  # there is no service point of that id
    NO_PLACE = "no_place"  # neither coordinates nor a service point of that name
    AMBIGUOUS = "ambiguous"  # several service points of that name


class Side(StrEnum):
    """The two ends of the rule "one hub and many stations"."""

    HUB = "hub"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class GridRole:
    """An organisation that each grid of a level should have.

    Attributes
    ----------
    id : str
    level : Level
    zh, en : str
    terms : tuple of str
        How its sign calls it where it is a service point.
    kind : str
        The kind of service point that it is; empty if there is none.
    """

    id: str
    level: Level
    zh: str
    en: str
    terms: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRole:
    """A place that people walk to: a hub, or a station of one.

    Attributes
    ----------
    id : Side
    zh, en : str
    terms : tuple of str
    kind : str
        As for :class:`GridRole`.
    """

    id: Side
    zh: str
    en: str
    terms: tuple[str, ...]
    kind: str = ""


Role = GridRole | PlaceRole


@dataclass(frozen=True, slots=True)
class Organisations:
    """What was found, and what stands nowhere.

    Attributes
    ----------
    placed : DataFrame
        Of columns :data:`IN_GRID`, or :data:`PLACED`.
    unplaced : DataFrame
        Columns :data:`UNPLACED`.
    """

    placed: pd.DataFrame
    unplaced: pd.DataFrame


def organisations_of(
    points: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    roles: Sequence[GridRole],
    *,
    others: Sequence[Role] = (),
) -> Organisations:
    """Return the organisations among service points: those that fill one of `roles`.

    Parameters
    ----------
    points, grids : GeoDataFrame
        Layers ``service_points`` and ``grids`` in the metric CRS.
    roles : sequence of GridRole
    others : sequence of GridRole or PlaceRole
        What a sign may name instead.

    Returns
    -------
    Organisations
        `placed` has :data:`IN_GRID`; the grid is that of the role's level in which the point lies.
    """
    assigned = assign(grids, *demand_xy(points).T, nearest=False)
    placed, unplaced = [_frame(IN_GRID)], [_frame(UNPLACED)]
    filled = _role_of(points, [*roles, *others])
    for role in roles:
        named = points[filled == str(role.id)]
        code = assigned.loc[named.index, str(role.level)]
        inside = code.notna()
        rows = pd.DataFrame({"grid_code": code, "role": role.id, "name": named["name"]})
        placed.append(rows[inside])
        out = named.loc[~inside, ["name", "point_id"]]
        unplaced.append(out.assign(role=role.id, grid_code="", reason=Unplaced.OUTSIDE.value))
    return Organisations(_stacked(placed), _stacked(unplaced))


def in_their_grids(
    table: pd.DataFrame, grids: gpd.GeoDataFrame, roles: Sequence[GridRole]
) -> Organisations:
    """Return which organisations of a table name a grid that is there, of the role's level.

    Parameters
    ----------
    table : DataFrame
        Columns :data:`IN_GRID`.
    grids : GeoDataFrame
        Layer ``grids``.
    roles : sequence of GridRole
    """
    level = dict(zip(grids["code"], grids["level"], strict=True))
    wanted = {role.id: str(role.level) for role in roles}
    pairs = zip(table["grid_code"], table["role"], strict=True)
    fits = np.array([level.get(code) == wanted[role] for code, role in pairs], dtype=bool)
    lost = table.loc[~fits, list(IN_GRID)]
    lost = lost.assign(point_id="", reason=Unplaced.NO_GRID.value)[list(UNPLACED)]
    return Organisations(table.loc[fits, list(IN_GRID)], lost)


def places_of(
    points: gpd.GeoDataFrame, roles: Sequence[PlaceRole], *, others: Sequence[Role] = ()
) -> pd.DataFrame:
    """Return the hubs and stations among service points, columns :data:`PLACED`.

    `others` as for :func:`organisations_of`.
    """
    filled = _role_of(points, [*roles, *others])
    frames = [_at_points(points[filled == str(role.id)], str(role.id)) for role in roles]
    return _stacked([_frame(PLACED), *frames])


def place(named: pd.DataFrame, points: gpd.GeoDataFrame) -> Organisations:
    """Find where the hubs and stations of a table stand.

    By coordinates if a row has them, else by the id of a service point, else by its name, if
    exactly one service point is called so. A grid alone is no place.

    Parameters
    ----------
    named : DataFrame
        Columns :data:`NAMED`; `point_id` empty and `lon` and `lat` (degrees) NaN where unknown.
    points : GeoDataFrame
        Layer ``service_points``.

    Returns
    -------
    Organisations
        `placed` has :data:`PLACED`; a place found among the service points goes by their id.
    """
    by_id = {str(value): row for row, value in enumerate(points["point_id"])}
    count = points["name"].value_counts()
    by_name = {str(value): row for row, value in enumerate(points["name"]) if value}
    placed, unplaced = [_frame(PLACED)], [_frame(UNPLACED)]
    for _, row in named.iterrows():
        point_id, name = str(row["point_id"]), str(row["name"])
        if np.isfinite(row["lon"]) and np.isfinite(row["lat"]):
            placed.append(pd.DataFrame([row[list(PLACED)]]))
            continue
        row_at = (
            by_id.get(point_id) if point_id else by_name.get(name) if count.get(name) == 1 else None
        )
        if row_at is not None:
            placed.append(_at_points(points.iloc[[row_at]], str(row["role"])))
            continue
        reason = Unplaced.AMBIGUOUS if name in by_name else Unplaced.NO_PLACE
        reason = Unplaced.NO_POINT if point_id else reason
        unplaced.append(pd.DataFrame([row.drop("place_id")]).assign(reason=reason.value))
    return Organisations(_stacked(placed), _stacked(unplaced)[list(UNPLACED)])


def _role_of(points: gpd.GeoDataFrame, roles: Sequence[Role]) -> ObjectArray:
    """Return the id of the one role that each service point fills, empty for none.

    Its kind decides, else the longest term in `sub` or in the name; of equals the first role.
    """
    kinds = {role.kind: str(role.id) for role in roles if role.kind}
    terms = [(term, str(role.id)) for role in roles for term in role.terms]
    terms.sort(key=lambda each: -len(each[0]))

    def one(sub: str, name: str) -> str:
        said = (role for term, role in terms if term in sub or term in name)
        return kinds.get(sub) or next(said, "")

    return np.array(
        [one(*each) for each in zip(points["sub"], points["name"], strict=True)], object
    )


def _at_points(points: pd.DataFrame, role: str) -> pd.DataFrame:
    columns = points[["point_id", "name", "lon", "lat"]].rename(columns={"point_id": "place_id"})
    return pd.DataFrame(columns.assign(role=role)[list(PLACED)])


def _frame(columns: Sequence[str]) -> pd.DataFrame:
    degrees = {"lon", "lat"}
    return pd.DataFrame(
        {name: pd.Series([], dtype=float if name in degrees else object) for name in columns}
    )


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames of the same columns as one; the first has the columns, and may be empty."""
    filled = [frame[list(frames[0].columns)] for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]
