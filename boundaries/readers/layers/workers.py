"""Read who looks after which grids: a table of posts, or a file of grids that names them."""

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.readers.attributes import fill_unknown, unique
from boundaries.readers.rows import Rows
from geo.messages import Message
from geo.model.layers import conform_layer
from geo.model.vocabulary import Level
from geo.staffing.posts import OF_POST, small_under

_BETWEEN_CODES: Final = r"[\s;；,，、|]+"
"""Separators of several grid codes in one cell; a roster of the service has blanks."""


def workers(rows: Rows, grids: gpd.GeoDataFrame) -> None:
    """Fill the columns of posts, one row per small grid that each looks after.

    One cell may have several codes. The code of a medium or large grid stands for its small ones
    that no other row names. A grid that the plan does not have, and one that has a post already,
    are refused; rows of grids without a post are counted, and so are grids that no row names.

    Parameters
    ----------
    rows : Rows
    grids : GeoDataFrame
        Layer ``grids`` that the posts are for.
    """
    _leave_out_vacant(rows)
    fill_unknown(rows, "workers")
    _row_per_grid(rows)
    known = set(grids["code"])
    codes = rows.text("grid_code")
    reasons = [
        Message("reading.no_such_grid", {"code": code})
        if code
        else Message("reading.post_without_grid")
        for code in codes
    ]
    rows.reject((~codes.isin(known)).to_numpy(), reasons)
    small = grids.loc[grids["level"] == Level.SMALL, "code"]
    _small_in_place_of_larger(rows, small_under(grids))
    unique(rows, "grid_code")
    for column in OF_POST:
        _one_of_each_post(rows, column)
    unnamed = int((~small.isin(rows.frame["grid_code"])).sum())
    rows.report.note(Message("reading.grids_without_post"), unnamed)


def posts_of_grids(rows: Rows) -> pd.DataFrame | None:
    """Return the layer ``workers`` that a file of grids names; None where it names nobody."""
    if "worker_code" not in rows.frame:
        return None
    frame = rows.frame.assign(
        worker_code=rows.text("worker_code"),
        grid_code=rows.frame["code"],
        post_name=rows.text("post_name").replace("", None),
    )
    staffed = frame[(frame["worker_code"] != "") & (frame["level"] == Level.SMALL)]
    if not len(staffed):
        return None
    posts: pd.DataFrame = conform_layer("workers", pd.DataFrame(staffed.drop(columns="geometry")))
    return posts


def _leave_out_vacant(rows: Rows) -> None:
    """Count the rows that name a grid and no post; where no row names one, refuse them all."""
    rows.frame = rows.frame.assign(worker_code=rows.text("worker_code"))
    vacant = (rows.frame["worker_code"] == "").to_numpy()
    if vacant.all():
        rows.reject(vacant, Message("reading.no_post"))
    else:
        rows.report.note(Message("reading.rows_without_post"), int(vacant.sum()))
        rows.frame = rows.frame[~vacant]


def _row_per_grid(rows: Rows) -> None:
    """Give each grid code of a cell a row of its own; a cell without any keeps one."""
    codes = rows.text("grid_code").str.split(_BETWEEN_CODES)
    each = rows.frame.assign(grid_code=codes).explode("grid_code")
    is_first = ~pd.Series(each.index).duplicated().to_numpy()
    rows.frame = each[(each["grid_code"] != "").to_numpy() | is_first]


def _small_in_place_of_larger(rows: Rows, under: Mapping[str, list[str]]) -> None:
    """Put in place of a medium or large grid its small grids that no other row names."""
    frame = rows.frame
    larger = frame["grid_code"].isin(under)
    named = set(frame.loc[~larger, "grid_code"])
    below = [
        [small for small in under[code] if small not in named] if code in under else [code]
        for code in frame["grid_code"]
    ]
    rows.repair(larger.to_numpy(), Message("reading.small_grids_of_larger"))
    lists = pd.Series(below, index=frame.index, dtype=object)
    rows.frame = frame.assign(grid_code=lists).explode("grid_code").dropna(subset="grid_code")


def _one_of_each_post(rows: Rows, column: str) -> None:
    """Give all rows of a post what the first of them says of it."""
    frame = rows.frame
    first = frame.groupby("worker_code", sort=False)[column].transform("first")
    first = first.astype(object).where(first.notna(), None)
    told = frame[column]
    other = (told.notna() & (told != first)).to_numpy(np.bool_)
    rows.repair(other, Message("reading.first_of_post", {"column": rows.column(column)}))
    rows.frame = frame.assign(**{column: first})
