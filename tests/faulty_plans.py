"""Kinds of faults that are put into a clean plan, and oddities that are none.

Each kind is a function of a plan and a spot in it that returns the plan with the fault and the
grids that it is about. :data:`KINDS` says which rule names it, which other rules may speak because
the ground is what it is then, and whether a repair ends all of it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon

from geo.grids.checks.faults import Rule
from tests.plans import DISTRICT, EPSG, barriers, buildings, plan, smalls


class Spot(NamedTuple):
    """Two small grids of one medium side by side, and the middle third of their border."""

    one: str
    two: str
    border: LineString


class Scene(NamedTuple):
    """A plan with what stands on it; codes that ended."""

    grids: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    walls: gpd.GeoDataFrame
    retired: frozenset[str] = frozenset()

    def with_grids(self, grids: gpd.GeoDataFrame) -> "Scene":
        return self._replace(grids=grids)


class Kind(NamedTuple):
    """A kind of fault: how it is put in, what names it, what else may, and whether it is mended."""

    inject: Callable[[Scene, Spot], tuple[Scene, tuple[str, ...]]]
    rule: Rule
    also: frozenset[Rule]
    mends: bool


KINDS: dict[str, Kind] = {}
GROUND = (Rule.GAP, Rule.HOLE, Rule.SLIVER, Rule.OVERLAP, Rule.MATCHED)


def kind(rule: Rule, *also: Rule, mends: bool = False):
    def registered(inject):
        KINDS[inject.__name__] = Kind(inject, rule, frozenset({rule, *also}), mends)
        return inject

    return registered


def scene(seed: int = 7, count: int = 24) -> Scene:
    """Return a clean plan of `count` small grids with one building in the middle of each."""
    grids = plan(seed, count)
    inside = [shapely.maximum_inscribed_circle(g).coords[0] for g in smalls(grids).geometry]
    homes = buildings([Point(xy).buffer(0.5) for xy in inside], [40] * len(inside))
    return Scene(grids, homes, barriers([]))


def spots(grids: gpd.GeoDataFrame) -> list[Spot]:
    """Return one spot in each medium that has one, none of which touches another's grids."""
    found: list[Spot] = []
    small = smalls(grids)
    shapes = small.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="touches")
    lines = shapely.line_merge(shapely.intersection(shapes[one], shapes[two]))
    parents, codes = small["parent_code"].to_numpy(object), small["code"].to_numpy(object)
    fits = (one < two) & (parents[one] == parents[two]) & (shapely.length(lines) > 25)
    for row in np.flatnonzero(fits)[np.argsort(-shapely.length(lines[fits]), kind="stable")]:
        ground = shapely.union(shapes[one[row]], shapes[two[row]])
        near = [shape_of(grids, spot.one).union(shape_of(grids, spot.two)) for spot in found]
        inner = not ground.intersects(DISTRICT.exterior)
        if inner and not any(other.intersects(ground) for other in near):
            a, b = (lines[row].interpolate(share, normalized=True) for share in (1 / 3, 2 / 3))
            found.append(Spot(codes[one[row]], codes[two[row]], LineString([a, b])))
    return found


def shape_of(grids: gpd.GeoDataFrame, code: str) -> Any:
    return grids.set_index("code").geometry[code]


def with_values(grids: gpd.GeoDataFrame, code: str, /, **values: object) -> gpd.GeoDataFrame:
    changed = grids.copy()
    row = changed.index[changed["code"] == code][0]
    for name, value in values.items():
        changed.at[row, name] = value  # noqa: PD008 - one cell
    return changed


def drawn(at: Scene, code: str, shape: Any) -> Scene:
    """Return a scene with another shape of one grid; parents stay as they were."""
    changed = at.grids.copy()
    row = changed.index[changed["code"] == code][0]
    changed.loc[[row], "geometry"] = gpd.GeoSeries([shape], index=[row], crs=EPSG)
    return at.with_grids(changed)


def fitted(at: Scene, code: str, shape: Any) -> Scene:
    """Return the same with the parents that the code names made to fit; no other row changes."""
    old = shape_of(at.grids, code)
    at = drawn(at, code, shape)
    for above in (code[:13], code[:12]):
        grown = shapely.union(shapely.difference(shape_of(at.grids, above), old - shape), shape)
        at = drawn(at, above, grown)
    return at


def added(at: Scene, like: str, code: str, shape: Any) -> Scene:
    """Return a scene with one more small grid beside another, its parents made to fit."""
    row = at.grids[at.grids["code"] == like].assign(code=code).set_geometry([shape], crs=EPSG)
    at = at.with_grids(pd.concat([at.grids, row], ignore_index=True))
    return fitted(at, code, shape)


def strip(spot: Spot, width_m: float) -> Any:
    return spot.border.buffer(width_m, cap_style="flat")


def parent_of(at: Scene, code: str) -> str:
    return at.grids.set_index("code")["parent_code"][code]


def others(at: Scene, code: str, level: str) -> list[str]:
    """Return codes of a level that have nothing to do with a grid."""
    codes = at.grids.loc[at.grids["level"] == level, "code"]
    return [other for other in codes if not code.startswith(other) and other[:12] != code[:12]]


# --- rows -----------------------------------------------------------------------------------------


@kind(Rule.ROW)
def a_level_that_is_none(at, spot):
    return at.with_grids(with_values(at.grids, spot.one, level="tiny")), (spot.one,)


@kind(Rule.ROW)
def no_level(at, spot):
    return at.with_grids(with_values(at.grids, spot.one, level=None)), (spot.one,)


@kind(Rule.ROW)
def no_code(at, spot):
    return at.with_grids(with_values(at.grids, spot.one, code=None)), ()


# --- shapes ---------------------------------------------------------------------------------------


@kind(Rule.VALID, *GROUND, Rule.MULTIPART)
def a_bow_tie(at, spot):
    first, second, *rest = shape_of(at.grids, spot.one).exterior.coords[:-1]
    return drawn(at, spot.one, Polygon([second, first, *rest])), (spot.one,)


@kind(Rule.VALID, *GROUND)
def a_pinch(at, spot):
    shape = shape_of(at.grids, spot.one)
    (x, y), middle = shape.exterior.coords[0], shape.centroid
    east, north = 0.4 * (middle.x - x), 0.4 * (middle.y - y)
    inner = [(x + east, y + north), (x + east - 0.2 * north, y + north + 0.2 * east)]
    ring = [(x, y), *inner, (x, y), *shape.exterior.coords[1:]]
    return drawn(at, spot.one, Polygon(ring)), (spot.one,)


@kind(Rule.VALID, *GROUND, mends=True)
def an_antenna(at, spot):
    shape = shape_of(at.grids, spot.one)
    ring = list(shape.exterior.coords)
    middle = shape.centroid
    return drawn(at, spot.one, Polygon([ring[0], (middle.x, middle.y), *ring])), (spot.one,)


@kind(Rule.VALID, *GROUND, mends=True)
def a_hole_beyond_its_shell(at, spot):
    shape = shape_of(at.grids, spot.one)
    hole = shape_of(at.grids, spot.two).centroid.buffer(0.001).exterior
    return drawn(at, spot.one, Polygon(shape.exterior, [hole])), (spot.one,)


def _collapsed(name, shape):
    def inject(at, spot):
        return drawn(at, spot.one, shape(shape_of(at.grids, spot.one))), (spot.one,)

    inject.__name__ = name
    kind(Rule.COLLAPSED, Rule.GAP)(inject)


_collapsed("a_grid_that_is_one_point", lambda s: Polygon([s.centroid] * 4))
_collapsed("a_grid_that_is_there_and_back", lambda s: Polygon([*s.exterior.coords[:2] * 2][:3]))
_collapsed("a_grid_that_is_a_line", lambda s: LineString(s.exterior.coords[:3]))
_collapsed("a_grid_that_is_a_hair", lambda s: LineString(s.exterior.coords[:2]).buffer(1e-5))
_collapsed("a_grid_without_a_shape", lambda s: None)
_collapsed("a_grid_with_an_empty_shape", lambda s: Polygon())
with np.errstate(invalid="ignore"):
    _NOWHERE = Polygon([(0, 0), (np.nan, 1), (1, 0)])
_collapsed("a_grid_that_is_nowhere", lambda s: _NOWHERE)


@kind(Rule.COLLAPSED, mends=True)
def a_medium_that_is_a_point(at, spot):
    medium = parent_of(at, spot.one)
    return drawn(at, medium, Polygon([shape_of(at.grids, medium).centroid] * 4)), (medium,)


@kind(Rule.MULTIPART)
def a_piece_inside_another(at, spot):
    piece = shape_of(at.grids, spot.two).centroid.buffer(2)
    rest = fitted(at, spot.two, shape_of(at.grids, spot.two).difference(piece))
    homes = rest.homes[~rest.homes.intersects(piece.buffer(1))].reset_index(drop=True)
    shape = shape_of(at.grids, spot.one).union(piece)
    return fitted(rest._replace(homes=homes), spot.one, shape), (spot.one,)


@kind(Rule.MULTIPART, Rule.OVERLAP, mends=True)
def a_piece_over_another(at, spot):
    piece = shape_of(at.grids, spot.two).centroid.buffer(2)
    return fitted(at, spot.one, shape_of(at.grids, spot.one).union(piece)), (spot.one,)


# --- ground ---------------------------------------------------------------------------------------


@kind(Rule.OVERLAP, mends=True)
def a_wide_overlap(at, spot):
    shape = shape_of(at.grids, spot.one).union(strip(spot, 2.5))
    return fitted(at, spot.one, shape), (spot.one, spot.two)


@kind(Rule.SLIVER, mends=True)
def a_narrow_overlap(at, spot):
    shape = shape_of(at.grids, spot.one).union(strip(spot, 0.2))
    return fitted(at, spot.one, shape), (spot.one, spot.two)


@kind(Rule.OVERLAP, mends=True)
def a_grid_drawn_over_another(at, spot):
    shape = shape_of(at.grids, spot.one).union(shape_of(at.grids, spot.two))
    return fitted(at, spot.one, shape), (spot.one, spot.two)


@kind(Rule.OVERLAP)
def two_drawn_alike(at, spot):
    code = spot.one[:13] + "88"
    return added(at, spot.one, code, shape_of(at.grids, spot.one)), (spot.one, code)


@kind(Rule.GAP)
def a_wide_gap(at, spot):
    return fitted(at, spot.one, shape_of(at.grids, spot.one) - strip(spot, 3)), (spot.one,)


@kind(Rule.SLIVER, mends=True)
def a_narrow_gap(at, spot):
    return fitted(at, spot.one, shape_of(at.grids, spot.one) - strip(spot, 0.2)), (spot.one,)


@kind(Rule.GAP)
def a_grid_that_is_missing(at, spot):
    at = fitted(at, spot.one, Polygon())
    return at.with_grids(at.grids[at.grids["code"] != spot.one].reset_index(drop=True)), ()


@kind(Rule.HOLE)
def a_hole(at, spot):
    shape = shape_of(at.grids, spot.one)
    return fitted(at, spot.one, shape - shape.centroid.buffer(2)), (spot.one,)


@kind(Rule.SLIVER, mends=True)
def a_slit(at, spot):
    shape = shape_of(at.grids, spot.one)
    middle = shape.centroid
    slit = LineString([(middle.x - 4, middle.y), (middle.x + 4, middle.y)]).buffer(0.1)
    return fitted(at, spot.one, shape - slit), (spot.one,)


@kind(Rule.SLIVER, Rule.MATCHED)
def a_grid_that_is_a_strip(at, spot):
    piece = shape_of(at.grids, spot.one).intersection(strip(spot, 0.4))
    code = spot.one[:13] + "77"
    at = fitted(at, spot.one, shape_of(at.grids, spot.one) - piece)
    return added(at, spot.one, code, piece), (code,)


def _at_the_edge(at: Scene, spot: Spot) -> tuple[str, Any]:
    """Return a small grid of the spot's half at the edge of the district, and a place there."""
    small = smalls(at.grids)
    small = small[small["parent_code"] == spot.one[:13]]
    touch = shapely.intersection(small.geometry.to_numpy(), DISTRICT.exterior)
    row = int(np.argmax(shapely.length(touch)))
    middle = shapely.line_merge(touch[row]).interpolate(0.5, normalized=True)
    return small["code"].iloc[row], middle


@kind(Rule.OUTSIDE, mends=True)
def a_grid_beyond_the_district(at, spot):
    code, place = _at_the_edge(at, spot)
    return fitted(at, code, shape_of(at.grids, code).union(place.buffer(3))), (code,)


@kind(Rule.OUTSIDE)
def a_grid_far_away(at, spot):
    far = shapely.affinity.translate(shape_of(at.grids, spot.one).envelope, 5_000, 0)
    code = spot.one[:13] + "66"
    return added(at, spot.one, code, far), (code,)


# --- borders --------------------------------------------------------------------------------------


@kind(Rule.MATCHED, mends=True)
def a_vertex_on_one_side(at, spot):
    middle = spot.border.interpolate(0.5, normalized=True)
    shape = shapely.snap(shape_of(at.grids, spot.one), middle, 1e-6)
    return fitted(at, spot.one, shape), (spot.one, spot.two)


def _off(name, off_m):
    def inject(at, spot):
        shape = shape_of(at.grids, spot.one)
        xy = shapely.get_coordinates(shape)
        corner = shapely.get_coordinates(shape_of(at.grids, spot.two))
        shared = np.flatnonzero((xy[:, None] == corner[None]).all(axis=2).any(axis=1))
        moved = np.where((xy == xy[shared[0]]).all(axis=1)[:, None], xy + off_m, xy)
        return fitted(at, spot.one, Polygon(moved)), (spot.one,)

    inject.__name__ = name
    kind(Rule.MATCHED, mends=True)(inject)


_off("a_corner_1e_10_degrees_off", 1e-5)
_off("a_corner_half_a_millimetre_off", 3e-4)


# --- nesting --------------------------------------------------------------------------------------


def _bitten(level, size, name):
    def inject(at, spot):
        code = spot.one[:13] if level == "medium" else spot.one[:12]
        bite = shape_of(at.grids, spot.one).centroid.buffer(abs(size))
        shape = shape_of(at.grids, code)
        more = shapely.affinity.translate(bite, 0, 9_000)
        return drawn(at, code, shape - bite if size < 0 else shape.union(more)), (code,)

    inject.__name__ = name
    kind(Rule.NESTED, mends=True)(inject)


_bitten("medium", -2, "a_medium_that_lacks_ground")
_bitten("medium", 2, "a_medium_with_ground_elsewhere")
_bitten("large", -2, "a_large_that_lacks_ground")


def _parented(name, which, parent, *, mends=True):
    def inject(at, spot):
        code = {"small": spot.one, "medium": spot.one[:13], "large": spot.one[:12]}[which]
        return at.with_grids(with_values(at.grids, code, parent_code=parent(at, spot))), (code,)

    inject.__name__ = name
    kind(Rule.PARENT, mends=mends)(inject)


_parented("a_small_without_parent", "small", lambda at, spot: None)
_parented("a_small_under_no_grid", "small", lambda at, spot: "371602009009")
_parented("a_small_under_a_small", "small", lambda at, spot: spot.two)
_parented("a_small_under_itself", "small", lambda at, spot: spot.one)
_parented("a_small_under_a_large", "small", lambda at, spot: spot.one[:12])
_parented(
    "a_small_under_another_medium", "small", lambda at, spot: others(at, spot.one, "medium")[0]
)
_parented("a_medium_without_parent", "medium", lambda at, spot: None)
_parented("a_medium_under_no_grid", "medium", lambda at, spot: "1")
_parented("a_medium_under_a_small", "medium", lambda at, spot: spot.one)
_parented(
    "a_medium_under_another_large", "medium", lambda at, spot: others(at, spot.one, "large")[0]
)
_parented("a_large_with_a_parent", "large", lambda at, spot: spot.one[:13])


@kind(Rule.PARENT, mends=True)
def a_medium_that_none_names(at, spot):
    grids, medium = at.grids.copy(), spot.one[:13]
    grids.loc[grids["parent_code"] == medium, "parent_code"] = None
    return at.with_grids(grids), (spot.one,)


# --- what stands on the ground --------------------------------------------------------------------


@kind(Rule.BUILDING)
def a_building_that_is_cut(at, spot):
    footprint = spot.border.interpolate(0.5, normalized=True).buffer(2)
    homes = buildings([*at.homes.geometry, footprint], [*at.homes["households"], 0])
    return at._replace(homes=homes), (spot.one, spot.two)


@kind(Rule.BARRIER)
def a_wall_between_homes(at, spot):
    shape = shape_of(at.grids, spot.one)
    middle = Point(shapely.maximum_inscribed_circle(shape).coords[0])
    at_sides = [shapely.affinity.translate(middle, d, 0).buffer(0.5) for d in (-2, 2)]
    homes = buildings([*at.homes.geometry, *at_sides], [*at.homes["households"], 0, 0])
    homes = homes[~homes.geometry.geom_equals(middle.buffer(0.5))].reset_index(drop=True)
    wall = LineString([(middle.x, middle.y - 900), (middle.x, middle.y + 900)]).intersection(shape)
    walls = barriers([*at.walls.geometry, wall])
    return at._replace(homes=homes, walls=walls), (spot.one,)


# --- codes ----------------------------------------------------------------------------------------


def _coded(name, code):
    def inject(at, spot):
        new = code(at, spot)
        return at.with_grids(with_values(at.grids, spot.one, code=new)), (new,)

    inject.__name__ = name
    kind(Rule.CODE)(inject)


_coded("a_letter_in_a_code", lambda at, spot: spot.one[:-1] + "l")
_coded("a_digit_missing", lambda at, spot: spot.one[:-1])
_coded("a_digit_too_many", lambda at, spot: spot.one + "0")
_coded("a_blank_behind_a_code", lambda at, spot: spot.one + " ")
_coded("digits_of_full_width", lambda at, spot: spot.one[:-1] + "９")
_coded("number_nought", lambda at, spot: spot.one[:-2] + "00")
_coded("a_code_of_another_medium", lambda at, spot: others(at, spot.one, "medium")[0] + "99")


@kind(Rule.CODE)
def a_code_twice(at, spot):
    return at.with_grids(with_values(at.grids, spot.two, code=spot.one)), (spot.one,)


@kind(Rule.CODE, mends=True)
def a_medium_called_otherwise_by_its_grids(at, spot):
    new = spot.one[:12] + "8"
    return at.with_grids(with_values(at.grids, spot.one[:13], code=new)), (new,)


@kind(Rule.CODE, mends=True)
def a_letter_in_the_code_of_a_medium(at, spot):
    new = spot.one[:12] + "I"
    return at.with_grids(with_values(at.grids, spot.one[:13], code=new)), (new,)


@kind(Rule.RETIRED, mends=True)
def a_code_of_a_grid_that_ended(at, spot):
    return at._replace(retired=at.retired | {spot.one}), (spot.one,)


# --- oddities -------------------------------------------------------------------------------------


def turned_round(at, spot):
    shape = shape_of(at.grids, spot.one)
    ring = list(shape.exterior.coords)[:-1]
    return drawn(at, spot.one, Polygon((ring[2:] + ring[:2])[::-1]))


def a_collection_of_one(at, spot):
    return drawn(at, spot.one, MultiPolygon([shape_of(at.grids, spot.one)]))


def corners_said_twice(at, spot):
    ring = [
        xy for corner in shape_of(at.grids, spot.one).exterior.coords for xy in (corner, corner)
    ]
    return drawn(at, spot.one, Polygon(ring))


def a_corner_on_a_straight_border(at, spot):
    middle = spot.border.interpolate(0.5, normalized=True)
    for code in (spot.one, spot.two):
        at = drawn(at, code, shapely.snap(shape_of(at.grids, code), middle, 1e-6))
    return at


def a_grid_inside_another(at, spot):
    shape = shape_of(at.grids, spot.one)
    yard = shape.centroid.buffer(2)
    homes = at.homes[~at.homes.intersects(yard.buffer(2))].reset_index(drop=True)
    at = fitted(at._replace(homes=homes), spot.one, shape - yard)
    return added(at, spot.one, spot.one[:13] + "98", yard)


def heights(at, spot):
    return drawn(at, spot.one, shapely.force_3d(shape_of(at.grids, spot.one), 7.0))


def rows_in_another_order(at, spot):
    shuffled = at.grids.sample(frac=1, random_state=3)
    return at.with_grids(shuffled.set_index(pd.Index(range(7, 7 + len(shuffled)))))


ODDITIES = (
    turned_round, a_collection_of_one, corners_said_twice, a_corner_on_a_straight_border,
    a_grid_inside_another, heights, rows_in_another_order,
)  # fmt: skip
