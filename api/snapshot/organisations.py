"""The organisations of a district: those of each grid, and those that are places."""

from dataclasses import dataclass

import pandas as pd

from api.snapshot.district import Snapshot
from boundaries.readers.organisations import OrganisationTable, stored_organisations
from boundaries.standards.organisation_roles import load_hub_rule, load_roles
from geo.staffing.organisations import in_their_grids, organisations_of, place, places_of


@dataclass(frozen=True, slots=True)
class FoundOrganisations:
    """Organisations by grid and by place, and those that could not be placed.

    Attributes
    ----------
    in_grid, places, unplaced : DataFrame
        Columns :data:`geo.staffing.organisations.IN_GRID`, ``PLACED`` and ``UNPLACED``.
    """

    in_grid: pd.DataFrame
    places: pd.DataFrame
    unplaced: pd.DataFrame


def find_organisations(
    snapshot: Snapshot, more: OrganisationTable | None = None
) -> FoundOrganisations:
    """Return the organisations among the service points, those stored and those of a table."""
    points, grids = snapshot.metric.service_points, snapshot.metric.grids
    roles, rule = load_roles(), load_hub_rule()
    from_points = organisations_of(points, grids, roles, others=rule.roles)
    in_grid, places = [from_points.placed], [places_of(points, rule.roles, others=roles)]
    unplaced = [from_points.unplaced]
    stored = stored_organisations(snapshot.layers.organisations)
    for table in (stored, *([] if more is None else [more])):
        held, put = in_their_grids(table.in_grid, grids, roles), place(table.places, points)
        in_grid.insert(0, _not_yet(held.placed, from_points.placed))
        places.append(put.placed)
        unplaced += [held.unplaced, put.unplaced]
    every = (joined_frames(each) for each in (in_grid, places, unplaced))
    return FoundOrganisations(*every)


def _not_yet(organisations: pd.DataFrame, existing: pd.DataFrame) -> pd.DataFrame:
    """Return the organisations of a table that are not among the service points, each once."""
    known = pd.MultiIndex.from_frame(existing)
    return organisations[~pd.MultiIndex.from_frame(organisations).isin(known)].drop_duplicates()


def joined_frames(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return frames of the same columns as one; the first where all are empty."""
    some = [frame for frame in frames if len(frame)]
    return pd.concat(some, ignore_index=True) if some else frames[0]


def with_organisations(table: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """Return a table with a column ``code`` of grids, and a column ``organisations`` of each."""
    texts = organisations_by_grid(snapshot.layers.organisations)
    each = [texts.get(code, "") for code in table["code"]]
    return table.assign(organisations=pd.Series(each, table.index, dtype=object))


def organisations_by_grid(organisations: pd.DataFrame) -> dict[str, str]:
    """Return code of a grid -> what each organisation of it is and its name, separated by ``; ``.

    Examples
    --------
    >>> organisations_by_grid(
    ...     pd.DataFrame(
    ...         {
    ...             "grid_code": ["3716", "3716", None],
    ...             "kind": ["branch", None, "branch"],
    ...             "role": [None, "station", None],
    ...             "name": ["第一支部", "便民站", "第二支部"],
    ...         }
    ...     )
    ... )
    {'3716': 'branch 第一支部; station 便民站'}
    """
    own = organisations[organisations["grid_code"].notna()]
    what = own["kind"].astype(object).combine_first(own["role"].astype(object)).fillna("")
    texts = (what + " " + own["name"]).str.strip()
    return dict(texts.groupby(own["grid_code"].to_numpy(object)).agg("; ".join))
