"""FileReader of a table of organisations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from boundaries.readers.aliases import COLUMN_ALIASES, find_column
from boundaries.readers.encoding import decode_file
from boundaries.readers.files.formats import CSV, agreed_format
from boundaries.readers.tables.table import parse_csv
from boundaries.standards.organisation_roles import load_hub_rule, load_roles
from geo.errors import SchemaError
from geo.messages import Message
from geo.model.layer_columns import COLUMNS
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
    NotFoundError, EmptyError, FileFormatError, SchemaError
        If it cannot be read; naming all columns that lack, and all roles and rows that are wrong.

    Examples
    --------
    >>> row = {"role": ["general_branch"], "grid_code": "371602001001", "name": "滨河社区党总支"}
    >>> pd.DataFrame(row).to_csv("held.csv", index=False)
    >>> read_organisations(Path("held.csv")).in_grid.to_numpy().tolist()
    [['371602001001', 'general_branch', '滨河社区党总支']]
    """
    agreed_format(path, (CSV,))
    text, _ = decode_file(path.read_bytes(), what=path.name)
    table = parse_csv(text, what=path.name)
    columns = {ours: find_column(table.columns, names) for ours, names in _ALIASES.items()}
    _require(path, table, columns, ("role", "name"))
    known = {ours: table[theirs] for ours, theirs in columns.items() if theirs is not None}
    frame = pd.DataFrame({name: known.get(name, "") for name in _ALIASES}, index=table.index)
    frame = frame.apply(lambda column: column.str.strip())
    roles: list[GridRole | PlaceRole] = [*load_roles(), *load_hub_rule().roles]
    words = {word: str(role.id) for role in roles for word in _words(role)}
    unknown = sorted(set(frame["role"]) - set(words))
    if unknown:
        raise SchemaError(
            "reading.unknown_roles",
            name=path.name,
            roles=[role or Message("reading.empty_role") for role in unknown],
            wanted=[str(role.id) for role in roles],
        )
    frame["role"] = frame["role"].map(words)
    on_foot = frame["role"].isin([str(side) for side in Side])
    if not on_foot.all():
        _require(path, table, columns, ("grid_code",))
    return OrganisationTable(
        in_grid=frame.loc[~on_foot, list(IN_GRID)].reset_index(drop=True),
        places=_places(path, frame[on_foot]),
    )


def _words(role: GridRole | PlaceRole) -> tuple[str, ...]:
    """Return what a table may call a role: what it is called, and how the layer has it."""
    of_layer = COLUMNS["organisations"]["role"].words
    return (str(role.id), role.zh, role.en, *of_layer.get(str(role.id), ()))


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
        columns_there = [str(column) for column in table.columns]
        raise SchemaError(
            "reading.missing_columns_of_table",
            name=path.name,
            columns=columns_there,
            lacking=lacking,
        )


def _places(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Return hubs and stations with their coordinates as numbers, NaN where both are empty."""
    given = frame[["lon", "lat"]]
    degrees = given.apply(pd.to_numeric, errors="coerce").astype(np.float64)
    has_place = (given != "").any(axis=1)
    right = degrees["lon"].between(-180, 180) & degrees["lat"].between(-84, 84)
    wrong = frame[has_place & ~right]
    if len(wrong):
        rows = [
            Message(
                "reading.wrong_place",
                {
                    "n": number + 1,
                    "name": row["name"],
                    "lon": row["lon"] or "-",
                    "lat": row["lat"] or "-",
                },
            )
            for number, row in wrong.head(_NAMED_ROWS).iterrows()
        ]
        raise SchemaError("reading.wrong_places", name=path.name, n=len(wrong), rows=rows)
    numbers = [f"row-{number + 1}" for number in frame.index]
    return frame.assign(place_id=numbers, **degrees)[list(NAMED)].reset_index(drop=True)
