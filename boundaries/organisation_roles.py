"""The organisations that a district's document wants in each grid, kept as data."""

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pandas as pd

from boundaries.readers.aliases import find_column
from boundaries.readers.encoding import decode_file
from boundaries.standards import standard_document
from geo.completeness import Role
from geo.district import Level
from geo.errors import SchemaError

_ALIASES: Final = {
    "grid_code": ("grid_code", "网格编码", "网格代码", "编码", "code"),
    "role": ("role", "角色", "组织类型", "类型"),
    "name": ("name", "名称", "组织名称"),
}


@cache
def load_roles() -> tuple[Role, ...]:
    """Return the roles of the shipped data.

    Examples
    --------
    >>> [role.id for role in load_roles()]
    ['general_branch', 'branch', 'group', 'window']
    """
    about: Mapping[str, Any] = standard_document("organisation_roles")
    return tuple(
        Role(id_, Level(row["level"]), row["zh"], row["en"], tuple(row["terms"]))
        for id_, row in about.items()
    )


def households_per_worker() -> int:
    """Return how many households the district's document gives a service worker.

    Examples
    --------
    >>> households_per_worker()
    100
    """
    return int(standard_document("bincheng_profile")["figures"]["households_per_worker"]["value"])


def read_organisations(path: Path) -> pd.DataFrame:
    """Return a table of organisations from a CSV file.

    Parameters
    ----------
    path : Path
        Columns of the grid's code, the role (its id, or its Chinese or English name) and the name.

    Returns
    -------
    DataFrame
        `grid_code`, `role` (id), `name`.

    Raises
    ------
    FileFormatError, SchemaError
        If it cannot be read; naming all columns that lack and roles that are unknown.
    """
    text, _ = decode_file(path.read_bytes(), what=path.name)
    table = pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)
    found = {ours: find_column(table.columns, names) for ours, names in _ALIASES.items()}
    lacking = [ours for ours, theirs in found.items() if theirs is None]
    if lacking:
        raise SchemaError(
            f"{path.name} has the columns {', '.join(table.columns)}; wanted also "
            f"{', '.join(lacking)}. Add or rename the columns."
        )
    frame = pd.DataFrame({ours: table[theirs] for ours, theirs in found.items()})
    words = {word: role.id for role in load_roles() for word in (role.id, role.zh, role.en)}
    unknown = sorted(set(frame["role"]) - set(words))
    if unknown:
        known = ", ".join(role.id for role in load_roles())
        raise SchemaError(
            f"{path.name} has the roles {', '.join(unknown)}; wanted {known}, or their names."
        )
    return frame.assign(role=frame["role"].map(words))
