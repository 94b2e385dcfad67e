"""Reader of a table of organisations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from boundaries.readers.aliases import COLUMN_ALIASES, find_column
from boundaries.readers.encoding import decode_file
from boundaries.readers.table import parse_csv
from boundaries.standards.organisation_roles import load_hub_rule, load_roles
from geo.errors import SchemaError
from geo.staffing.organisations import IN_GRID, NAMED, GridRole, PlaceRole, Side

_ALIASES: Final = {
    name: (name, *COLUMN_ALIASES["organisations"][name])
    for name in ("grid_code", "role", "name", "point_id", "lon", "lat")
}
_NAMED_ROWS: Final = 5
"""Wrong rows that a message names."""


@dataclass(frozen=True, slots=True)
class OrganisationTable:
    """A table of organisations, read.

    Attributes
    ----------
    in_grid : DataFrame
        Columns :data:`geo.staffing.organisations.IN_GRID`: those that belong to a grid.
    places : DataFrame
        Columns :data:`geo.staffing.organisations.NAMED`: hubs and stations; `place_id` is
        ``row-N`` after the row of the table, counted from 1 below its head.
    """

    in_grid: pd.DataFrame
    places: pd.DataFrame


def read_organisations(path: Path) -> OrganisationTable:
    """Return a table of organisations from a CSV file.

    Parameters
    ----------
    path : Path
        Columns of the role (its id, or its Chinese or English name) and the name; of the grid's
        code, unless all rows are hubs and stations; for these also `point_id` of a service point,
        or `lon` and `lat` in degrees (EPSG:4326, CGCS2000), where they are known.

    Raises
    ------
    FileFormatError, SchemaError
        If it cannot be read; naming all columns that lack, and all roles and rows that are wrong.

    Examples
    --------
    >>> row = {"role": ["general_branch"], "grid_code": "371602001001", "name": "滨河社区党总支"}
    >>> pd.DataFrame(row).to_csv("held.csv", index=False)
    >>> read_organisations(Path("held.csv")).in_grid.to_numpy().tolist()
    [['371602001001', 'general_branch', '滨河社区党总支']]
    """
    text, _ = decode_file(path.read_bytes(), what=path.name)
    table = parse_csv(text, path)
    columns = {ours: find_column(table.columns, names) for ours, names in _ALIASES.items()}
    _require(path, table, columns, ("role", "name"))
    known = {ours: table[theirs] for ours, theirs in columns.items() if theirs is not None}
    frame = pd.DataFrame({name: known.get(name, "") for name in _ALIASES}, index=table.index)
    frame = frame.apply(lambda column: column.str.strip())
    roles: list[GridRole | PlaceRole] = [*load_roles(), *load_hub_rule().roles]
    words = {word: str(role.id) for role in roles for word in (role.id, role.zh, role.en)}
    unknown = sorted(set(frame["role"]) - set(words))
    if unknown:
        wanted = ", ".join(str(role.id) for role in roles)
        raise SchemaError(
            f"{path.name} has the roles {', '.join(role or '(empty)' for role in unknown)}; wanted "
            f"{wanted}, or their names."
        )
    frame["role"] = frame["role"].map(words)
    on_foot = frame["role"].isin([str(side) for side in Side])
    if not on_foot.all():
        _require(path, table, columns, ("grid_code",))
    return OrganisationTable(
        in_grid=frame.loc[~on_foot, list(IN_GRID)].reset_index(drop=True),
        places=_places(path, frame[on_foot]),
    )


def stored_organisations(frame: pd.DataFrame) -> OrganisationTable:
    """Return the layer ``organisations`` as the table that a report of a plan takes.

    A row without a role has that of its kind, where the kind is one (a branch, a group).
    """
    role = frame["role"].where(frame["role"].notna(), frame["kind"])
    known = frame.assign(role=role, place_id=frame["link_id"])
    known[["grid_code", "point_id"]] = known[["grid_code", "point_id"]].fillna("")
    in_grid = role.isin([entry.id for entry in load_roles()])
    on_foot = role.isin([str(side) for side in Side])
    return OrganisationTable(
        in_grid=known.loc[in_grid, list(IN_GRID)].reset_index(drop=True),
        places=known.loc[on_foot, list(NAMED)].reset_index(drop=True),
    )


def _require(
    path: Path, table: pd.DataFrame, columns: Mapping[str, str | None], wanted: Sequence[str]
) -> None:
    lacking = [name for name in wanted if columns[name] is None]
    if lacking:
        raise SchemaError(
            f"{path.name} has the columns {', '.join(table.columns)}; wanted also "
            f"{', '.join(lacking)}. Add or rename the columns."
        )


def _places(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Return hubs and stations with their coordinates as numbers, NaN where both are empty."""
    given = frame[["lon", "lat"]]
    degrees = given.apply(pd.to_numeric, errors="coerce").astype(np.float64)
    has_place = (given != "").any(axis=1)
    right = degrees["lon"].between(-180, 180) & degrees["lat"].between(-84, 84)
    wrong = frame[has_place & ~right]
    if len(wrong):
        rows = ", ".join(
            f"row {number + 1} ({row['name']}: {row['lon'] or '-'}, {row['lat'] or '-'})"
            for number, row in wrong.head(_NAMED_ROWS).iterrows()
        )
        raise SchemaError(
            f"{path.name} has {len(wrong)} places that are none: {rows}; wanted lon and lat in "
            "degrees, or both empty. Correct the rows."
        )
    numbers = [f"row-{number + 1}" for number in frame.index]
    return frame.assign(place_id=numbers, **degrees)[list(NAMED)].reset_index(drop=True)
