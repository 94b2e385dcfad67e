"""Answers about the local systems of a district, and storing one."""

from dataclasses import replace
from typing import Any

import pandas as pd

from api.formats.aliases import Json
from boundaries.imports.control_points import LocalSystem, store_control_points
from boundaries.readers.places.local_crs import stored_systems
from boundaries.store.interface import Store
from boundaries.store.tables.records import Commit
from geo.messages import Message


def control_points_answer(store: Store, code: str) -> Json:
    """Return the local systems of a district with their parameters, points and residuals."""
    district = store.district(code)
    systems = stored_systems(district).items()
    return {
        "district": code,
        "revision": district.revision,
        "systems": [{"name": name, **entry} for name, entry in systems],
    }


def set_control_points(
    store: Store,
    code: str,
    points: pd.DataFrame | list[dict[str, Any]],
    system: LocalSystem,
    *,
    source: str = "",
    commit: Commit,
) -> Json:
    """Fit a local system to control points, store it, and return all of the district.

    Raises
    ------
    InputError, CrsError
        As :func:`boundaries.imports.control_points.store_control_points`.
    """
    what = Message("control_points_set.logged", {"name": system.name})
    table = pd.DataFrame(points).dropna(axis="columns", how="any")
    if not len(table):  # which are too few, and have no columns
        table = pd.DataFrame({name: [] for name in ("point", "x", "y", "lon", "lat")})
    logged = replace(commit, what=what)
    store_control_points(store, code, table, system, source=source, commit=logged)
    return control_points_answer(store, code)
