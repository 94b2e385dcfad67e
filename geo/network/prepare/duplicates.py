"""Recognise lines that draw a street which is there already.

A stretch of a line is drawn twice where a street of the same bridge, tunnel and level runs beside
it in the same direction. A line across a street, or one that ends at it, is none.
"""

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.network.prepare.heal import EPSILON_M
from geo.tolerances import TOUCH_M

DRAWN_TWICE_M: Final = 5.0
"""Two drawings of one street are no farther from each other, metres: centre lines of a survey and
of an image differ by some metres, a carriageway and the lane behind its houses by more."""

LEAST_BESIDE_M: Final = 20.0
"""A shorter stretch beside a street is no drawing of it, metres, but of a line as a whole."""

LEAST_OWN_M: Final = 10.0
"""A shorter stretch between two that are drawn twice belongs to them, metres."""

_STEP_M: Final = 4.0
_SINE: Final = 0.34  # of 20 degrees: directions that differ by less are the same


class Duplicates(NamedTuple):
    """Lines without what is drawn twice.

    Attributes
    ----------
    lines : GeoDataFrame
        Stretches that no street draws, each led to the street where it was cut off.
    known : DataFrame
        ``row`` of the lines as they were given, by position, ``edge_id`` of the street that most of
        it draws, ``known_m`` of its ``length_m``.
    led : GeoDataFrame
        Ends that touched what was taken out and were led on to the street (Point): ``row`` of
        `lines` and ``gap_m``.
    """

    lines: gpd.GeoDataFrame
    known: pd.DataFrame
    led: gpd.GeoDataFrame


class _Steps(NamedTuple):
    """Straight steps of lines, of some metres."""

    row: IntArray
    start: FloatArray
    end: FloatArray

    def shapes(self) -> GeometryArray:
        """Return each as a line."""
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)), object)


def without_duplicates(lines: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> Duplicates:
    """Take out of lines what draws a street that is there already.

    Parameters
    ----------
    lines, edges : GeoDataFrame
        Metric, with ``bridge``, ``tunnel`` and ``level``; `edges` is the layer ``walk_edges``.

    Notes
    -----
    O(n log m) for n steps of 4 m and m edges.
    """
    lines = lines.reset_index(drop=True)
    if not len(lines) or not len(edges):
        none = pd.DataFrame(columns=["row", "edge_id", "known_m", "length_m"])
        led = gpd.GeoDataFrame({"row": [], "gap_m": []}, geometry=[], crs=lines.crs)
        return Duplicates(lines, none, led)
    steps = _steps(np.asarray(lines.geometry.array, object))
    beside = _beside(lines, edges, steps)
    length_m = np.hypot(*(steps.end - steps.start).T)
    is_known = _smoothed(beside >= 0, steps.row, length_m)
    of = np.bincount(steps.row, length_m, minlength=len(lines))
    known_m = np.bincount(steps.row, length_m * is_known, minlength=len(lines))
    touched = np.flatnonzero(known_m > 0)
    street = [_most(beside[(steps.row == row) & (beside >= 0)]) for row in touched.tolist()]
    table = pd.DataFrame(
        {"row": touched, "edge_id": edges["edge_id"].to_numpy()[street] if street else [],
         "known_m": known_m[touched], "length_m": of[touched]}
    )  # fmt: skip
    whole = known_m == 0
    cut = _stretches(steps, is_known, beside, np.asarray(edges.geometry.array, object))
    rows = [row for row, _ in cut]
    parts = lines.iloc[rows].set_geometry([line for _, line in cut], crs=lines.crs)
    rest = pd.concat([lines[whole], parts]).sort_index(kind="stable").reset_index(drop=True)
    ended = np.asarray(rest.geometry.array, object)
    led = _led(ended, steps, is_known, beside, edges)
    rest = gpd.GeoDataFrame(rest.assign(geometry=led), crs=lines.crs)
    return Duplicates(rest, table, _led_ends(ended, led, rest))


def _steps(lines: GeometryArray) -> _Steps:
    fine = shapely.segmentize(lines, _STEP_M)
    xy, row = shapely.get_coordinates(fine, return_index=True)
    inside = row[1:] == row[:-1]
    return _Steps(row[1:][inside].astype(np.int64), xy[:-1][inside], xy[1:][inside])


def _beside(lines: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, steps: _Steps) -> IntArray:
    """Return for each step the position of the nearest edge that it draws; -1 for none."""
    of_edge = _steps_of_edges(edges)
    pieces = of_edge.shapes()
    middle = np.asarray(shapely.points((steps.start + steps.end) / 2), object)
    step, piece = shapely.STRtree(pieces).query(middle, predicate="dwithin", distance=DRAWN_TWICE_M)
    a, b = (steps.end - steps.start)[step], (of_edge.end - of_edge.start)[piece]
    cross = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    along = cross <= _SINE * np.hypot(*a.T) * np.hypot(*b.T)
    grade = pd.concat([lines, edges])[["bridge", "tunnel", "level"]]
    number = grade.groupby(["bridge", "tunnel", "level"]).ngroup().to_numpy()
    line, edge = steps.row[step], of_edge.row[piece]
    same = along & (number[line] == number[len(lines) + edge])
    street = np.asarray(edges.geometry.array, object)[edge]
    along_m = shapely.line_locate_point(street, middle[step])
    same &= (along_m > TOUCH_M) & (along_m < shapely.length(street) - TOUCH_M)  # not beyond its end
    table = pd.DataFrame({"step": step[same], "edge": edge[same]})
    table["far_m"] = shapely.distance(middle[step[same]], pieces[piece[same]])
    nearest = table.sort_values(["step", "far_m", "edge"]).drop_duplicates("step")
    found = np.full(len(steps.row), -1, np.int64)
    found[nearest["step"].to_numpy()] = nearest["edge"].to_numpy()
    return found


def _steps_of_edges(edges: gpd.GeoDataFrame) -> _Steps:
    xy, row = shapely.get_coordinates(np.asarray(edges.geometry.array, object), return_index=True)
    inside = (row[1:] == row[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    return _Steps(row[1:][inside].astype(np.int64), xy[:-1][inside], xy[1:][inside])


def _smoothed(is_known: BoolArray, row: IntArray, length_m: FloatArray) -> BoolArray:
    """Return which steps are known when short stretches go with what is around them."""
    for value, least_m in ((False, LEAST_OWN_M), (True, LEAST_BESIDE_M)):
        fresh = np.ones(len(row), np.bool_)
        fresh[1:] = (np.diff(row) != 0) | (is_known[1:] != is_known[:-1])
        run = np.cumsum(fresh) - 1
        run_m = np.bincount(run, length_m)
        first, last = np.flatnonzero(fresh), np.append(np.flatnonzero(fresh)[1:], len(row)) - 1
        starts = np.concatenate([[True], np.diff(row) != 0])[first]
        ends = np.concatenate([np.diff(row) != 0, [True]])[last]
        between = ~starts & ~ends if not value else ~(starts & ends)
        turned = between & (run_m < least_m) & (is_known[first] == value)
        is_known = np.where(turned[run], not value, is_known)
    return is_known


def _stretches(
    steps: _Steps, is_known: BoolArray, beside: IntArray, edges: GeometryArray
) -> list[tuple[int, shapely.LineString]]:
    """Return row and line of each stretch that is not known, of lines that are in part."""
    partly = np.isin(steps.row, steps.row[is_known])
    fresh = np.ones(len(is_known), np.bool_)
    fresh[1:] = (np.diff(steps.row) != 0) | (is_known[1:] != is_known[:-1])
    run = np.cumsum(fresh) - 1
    found = []
    for number in np.unique(run[partly & ~is_known]).tolist():
        at = np.flatnonzero(run == number)
        first, last, row = int(at[0]), int(at[-1]), int(steps.row[at[0]])
        xy = [*steps.start[at], steps.end[last]]
        if first and steps.row[first - 1] == row:
            xy.insert(0, _foot(xy[0], edges[_street_at(beside, first - 1, -1)]))
        if last + 1 < len(run) and steps.row[last + 1] == row:
            xy.append(_foot(xy[-1], edges[_street_at(beside, last + 1, 1)]))
        found.append((row, shapely.remove_repeated_points(shapely.linestrings(xy))))
    return found


def _led(
    lines: GeometryArray,
    steps: _Steps,
    is_known: BoolArray,
    beside: IntArray,
    edges: gpd.GeoDataFrame,
) -> GeometryArray:
    """Return lines led on to the street where they end at a drawing of it that was taken out."""
    known = np.flatnonzero(is_known & (beside >= 0))
    streets, out = np.asarray(edges.geometry.array, object), lines.copy()
    tree = shapely.STRtree(steps.shapes()[known])
    for side in (0, -1):
        ends = shapely.get_point(lines, side)
        rows, near = tree.query_nearest(ends, max_distance=EPSILON_M, all_matches=False)
        for row, street in zip(rows.tolist(), beside[known[near]].tolist(), strict=True):
            xy = shapely.get_coordinates(out[row])
            foot = _foot(xy[side], streets[street])
            if np.hypot(*(foot - xy[side])) > TOUCH_M:
                out[row] = shapely.linestrings([*xy, foot] if side else [foot, *xy])
    return out


def _led_ends(
    before: GeometryArray, after: GeometryArray, lines: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the ends that were led on."""
    parts = []
    for side in (0, -1):
        ends = shapely.get_point(before, side)
        gap_m = shapely.distance(ends, shapely.get_point(after, side))
        row = np.flatnonzero(gap_m > 0)
        table = {"row": row, "gap_m": gap_m[row]}
        parts.append(gpd.GeoDataFrame(table, geometry=ends[row], crs=lines.crs))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=lines.crs)


def _street_at(beside: IntArray, step: int, way: int) -> int:
    """Return the street of the first known step from `step` on."""
    while beside[step] < 0:
        step += way
    return int(beside[step])


def _foot(xy: FloatArray, street: shapely.LineString) -> FloatArray:
    """Return the nearest place of a street."""
    place = shapely.line_interpolate_point(
        street, shapely.line_locate_point(street, shapely.points(xy))
    )
    foot: FloatArray = shapely.get_coordinates(place)[0]
    return foot


def _most(values: IntArray) -> int:
    """Return the value that occurs most often, the lowest of several."""
    numbers, times = np.unique(values, return_counts=True)
    return int(numbers[np.argmax(times)])
