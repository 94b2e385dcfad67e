"""Squares: straight walks across pedestrian areas, wherever one can see from one end to the other.

A pedestrian area comes with its ring alone, and walks would lead around it. Here its *sight lines*
are added: edges of the visibility graph of its free ground, which is what is left of touching areas
of one level without holes, buildings and barriers. Its nodes are the entries (nodes of the network
on the free ground from which an edge leads away, and dead ends) and the reflex corners of the
ground; a shortest path bends nowhere else. Only lines on a shortest path between two entries stay.

The rings stay, so no walk gets longer. Each node looks at its :data:`SIGHTS` / n nearest nodes,
which are all up to n = 447; so the cost of an area is bounded.

Why not a library: extremitypathfinder answers one pair at a time and takes no touching holes,
pyvisgraph is not maintained; the predicates of shapely test all lines of an area in one call.

References
----------
T. Lozano-Perez, M. Wesley (1979), An algorithm for planning collision-free paths among polyhedral
obstacles, CACM 22(10).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.crs import require_metric
from geo.model.layer_columns import COLUMNS
from geo.model.vocabulary import GateAccess
from geo.network.prepare.cut_at_barriers import AT_NODE_M, GATE_REACH_M
from geo.network.prepare.split_edges import Split, fresh_nodes, split_edges
from geo.tolerances import SAME_M, TOUCH_M

SQUARE: Final = "square"
"""Kind of the edges across a square."""

SIGHTS: Final = 200_000
"""Lines of sight that are tried in an area, about: 447 nodes that all look at one another."""

_DECK: Final = ("level", "bridge", "tunnel", "private", "opening_hours")
"""Areas that agree in these and touch are one."""

SQUARE_COLUMNS: Final = (*_DECK, "osm_id", "name")
"""What is told of an area, as of its ring."""

_WALL_M: Final = 0.05
"""Half the thickness of a wall that is drawn as a line, metres."""

_GRAZE_M: Final = 0.001
"""A line that leaves the free ground by less than this grazes it, metres: nodes that were put on a
ring lie beside it by a rounding."""


_BENT: Final = 1.0 + 1e-8
"""Power of lengths by which, of two ways as long, the one over more nodes is shorter: it needs no
line beside those that it is made of."""

_DECIMALS: Final = 6
"""Decimals of a metre: places that agree in them are one."""


_Deck = tuple[int, bool, bool, bool, str]


class _Sight(NamedTuple):
    """Lines of sight of one piece of free ground: the places of its nodes, and pairs of them."""

    xy: FloatArray
    pairs: IntArray


def cross_squares(
    edges: gpd.GeoDataFrame,
    squares: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, int]:
    """Add the lines along which one walks straight across pedestrian areas.

    Parameters
    ----------
    edges : GeoDataFrame
        Layer ``walk_edges``, metric, with the rings of the squares where they can be walked.
    squares : GeoDataFrame
        Columns :data:`SQUARE_COLUMNS`, and valid polygons in the CRS of `edges`.
    obstacles : GeoDataFrame
        ``level``, and what nobody walks through on it: polygons (buildings, water), lines (walls).
        A wall has an opening at an open gate, and where a way of the network meets it in a node.
    gates : GeoDataFrame
        Layer ``gates``; nodes at gates that are not open are no entries.

    Returns
    -------
    edges : GeoDataFrame
        The layer, rings split at corners where a line begins, then the lines: kind
        :data:`SQUARE`, ``osm_id`` and ``name`` of the area that holds their middle. Index 0..n-1.
    count : int
        How many lines there are.

    Raises
    ------
    CrsError
        If the edges' CRS is not metric.

    Notes
    -----
    O(n^2 log n) for an area of n nodes; 0.2 s for one of 400.

    Examples
    --------
    >>> from tests.geo.network.prepare.square_scene import crossing_scene
    >>> edges, count = cross_squares(*crossing_scene())  # from south to north over 100 m
    >>> edges.loc[edges["kind"] == SQUARE, "length_m"].tolist()
    [100.0]
    """
    require_metric(edges.crs, what="crs.walk_network")
    edges = edges.reset_index(drop=True)
    if not len(squares) or not len(edges):
        return edges, 0
    network = _Network(edges, squares, gates)
    sights = [
        sight
        for deck, members in squares.groupby(list(_DECK), sort=True)
        for ground, entries in _grounds(network, members, obstacles, deck)
        if len((sight := _sight(ground, entries)).pairs)
    ]
    if not sights:
        return edges, 0
    xy = np.concatenate([sight.xy for sight in sights])
    start = np.cumsum([0, *(len(sight.xy) for sight in sights[:-1])])
    pairs = np.concatenate([sight.pairs + at for sight, at in zip(sights, start, strict=True)])
    return _joined(network, xy, pairs, squares)


class _Network:
    """The network's nodes, and which of them are entries of squares."""

    def __init__(
        self, edges: gpd.GeoDataFrame, squares: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
    ) -> None:
        self.edges = edges
        self.lines: GeometryArray = np.asarray(edges.geometry.array, object)
        ends = edges[["u", "v"]].to_numpy(np.int64).ravel()
        self.node, first, self._of = np.unique(ends, return_index=True, return_inverse=True)
        at_ends = shapely.get_point(np.repeat(self.lines, 2), np.tile([0, -1], len(edges)))
        self.place: GeometryArray = at_ends[first]
        self.xy = shapely.get_coordinates(self.place)
        self.meets: BoolArray = np.bincount(self._of) > 1
        is_open = (gates["access"] == GateAccess.OPEN).to_numpy(np.bool_)
        at_gate: GeometryArray = np.asarray(gates.geometry.array, object)
        self.open_gates = at_gate[is_open]
        self.shut = _near(self.place, at_gate[~is_open], TOUCH_M)
        one, other = cKDTree(self.xy).query_pairs(SAME_M, output_type="ndarray").T
        self.shut[one] = self.shut[other] = True  # ends that were parted at a barrier
        rings = shapely.boundary(np.asarray(squares.geometry.array, object))
        corners: GeometryArray = np.asarray(shapely.points(shapely.get_coordinates(rings)), object)
        self.on_ring = _near(self.place, corners, SAME_M)

    def on_deck(self, deck: _Deck) -> BoolArray:
        """Return which edges lie on the level of a square, shape (m,)."""
        level, bridge, tunnel, *_ = deck
        edges = self.edges
        same = (edges["bridge"] == bridge) & (edges["tunnel"] == tunnel)
        return np.asarray(same & (edges["level"] == level), np.bool_)

    def has(self, edges: BoolArray) -> BoolArray:
        """Return which nodes have one of these edges, shape (n,)."""
        return np.asarray(np.bincount(self._of, np.repeat(edges, 2), len(self.node)) > 0, np.bool_)


def _near(places: GeometryArray, others: GeometryArray, reach_m: float) -> BoolArray:
    """Return which places have one of the others within reach."""
    near = np.zeros(len(places), np.bool_)
    near[shapely.STRtree(others).query(places, predicate="dwithin", distance=reach_m)[0]] = True
    return near


def _grounds(
    network: _Network, members: gpd.GeoDataFrame, obstacles: gpd.GeoDataFrame, deck: _Deck
) -> Iterator[tuple[shapely.Polygon, FloatArray]]:
    """Yield each piece of free ground of the areas of one level, and its entries, shape (n, 2)."""
    on_deck = network.on_deck(deck)
    stands = ~network.shut & (network.has(on_deck) | network.on_ring)
    ways = shapely.STRtree(network.place[stands & network.meets])
    on_level = np.asarray(obstacles.geometry.array, object)[obstacles["level"] == deck[0]]
    tree = shapely.STRtree(on_level)
    grounds: list[shapely.Polygon] = []
    for area in shapely.get_parts(shapely.union_all(np.asarray(members.geometry.array, object))):
        near = on_level[np.sort(tree.query(area, predicate="intersects"))]
        met = ways.geometries[ways.query(area, predicate="dwithin", distance=_GRAZE_M)]
        free = shapely.difference(area, _solid(near, met, network.open_gates))
        grounds += [part for part in shapely.get_parts(free) if part.geom_type == "Polygon"]
    floors = shapely.buffer(grounds, _GRAZE_M, join_style="mitre")
    within = np.zeros(len(network.lines), np.bool_)
    within[shapely.STRtree(network.lines).query(floors, predicate="covers")[1]] = True
    entries = stands & (~network.meets | network.has(~(within & on_deck)))
    places = network.place[entries]
    piece, at = shapely.STRtree(places).query(floors, predicate="intersects")
    for number, ground in enumerate(grounds):
        yield ground, shapely.get_coordinates(places[np.sort(at[piece == number])])


def _solid(obstacles: GeometryArray, met: GeometryArray, open_gates: GeometryArray) -> BaseGeometry:
    """Return the ground that obstacles take; walls are open at gates and where edges meet."""
    dimension = shapely.get_dimensions(obstacles)
    walls = shapely.union_all(obstacles[dimension == 1])
    near = open_gates[shapely.dwithin(open_gates, walls, GATE_REACH_M)]
    openings = [shapely.buffer(near, GATE_REACH_M), shapely.buffer(met, AT_NODE_M)]
    walls = shapely.difference(walls, shapely.union_all(np.concatenate(openings)))
    thick = shapely.buffer(walls, _WALL_M, cap_style="flat", join_style="mitre")
    return shapely.union_all([*obstacles[dimension == 2], thick])  # noqa: PLR2004 - polygons


def _sight(ground: shapely.Polygon, entries: FloatArray) -> _Sight:
    """Return the lines of sight between entries and reflex corners of a piece of free ground."""
    if len(entries) < 2:  # noqa: PLR2004 - nobody crosses
        return _Sight(entries, np.zeros((0, 2), np.int64))
    corner, before, after = _reflex_corners(ground)
    taken = cKDTree(entries).query(corner)[0] <= _GRAZE_M if len(corner) else np.zeros(0, bool)
    corner, before, after = corner[~taken], before[~taken], after[~taken]
    xy = np.concatenate([entries, corner])
    pairs = _candidates(xy)
    n = len(entries)
    useful = np.ones(len(pairs), np.bool_)
    for one, other in (pairs.T, pairs.T[::-1]):
        bends = np.flatnonzero(one >= n)
        at = one[bends] - n
        ahead = xy[other[bends]] - corner[at]
        sides = [_cross(ahead, side[at] - corner[at]) for side in (before, after)]
        length = np.hypot(*ahead.T)
        low, high = np.minimum(*sides) / length, np.maximum(*sides) / length
        useful[bends] &= (low >= -_GRAZE_M) | (high <= _GRAZE_M)
    pairs = pairs[useful]
    floor = shapely.buffer(ground, _GRAZE_M, join_style="mitre")
    shapely.prepare(floor)
    pairs = pairs[shapely.covers(floor, shapely.linestrings(xy[pairs]))]
    return _Sight(xy, _walked(xy, pairs, n))


def _walked(xy: FloatArray, pairs: IntArray, n_entries: int) -> IntArray:
    """Return the pairs that lie on a shortest path between two of the first nodes."""
    weight = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) ** _BENT
    graph = coo_array((weight, tuple(pairs.T)), shape=(len(xy), len(xy))).tocsr()
    starts = np.arange(n_entries)
    _, before = dijkstra(graph, directed=False, indices=starts, return_predecessors=True)
    walked = np.zeros((0, 2), np.int64)
    root, at = np.divmod(np.arange(n_entries**2), n_entries)
    while len(at):  # one step back on all paths
        last = before[root, at]
        root, at, last = (each[last >= 0] for each in (root, at, last))
        steps = np.column_stack([np.minimum(at, last), np.maximum(at, last)])
        walked = np.unique(np.concatenate([walked, steps]), axis=0)
        at = last
    return walked


def _candidates(xy: FloatArray) -> IntArray:
    """Return pairs of nodes, each with those nearest to it, the lower first, sorted."""
    k = min(len(xy), max(2, SIGHTS // len(xy)))
    metres, near = cKDTree(xy).query(xy, k)
    one = np.repeat(np.arange(len(xy)), k)[metres.ravel() > SAME_M]
    other = near.ravel()[metres.ravel() > SAME_M]
    pairs = np.column_stack([np.minimum(one, other), np.maximum(one, other)])
    return np.asarray(np.unique(pairs, axis=0), np.int64)


def _reflex_corners(ground: shapely.Polygon) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the corners where the ground turns around an obstacle, and their neighbours."""
    corners = []
    rings = shapely.get_rings(shapely.orient_polygons(ground))  # the ground is on the left
    for ring in rings:
        at = shapely.get_coordinates(shapely.remove_repeated_points(ring, SAME_M))[:-1]
        before, after = np.roll(at, 1, axis=0), np.roll(at, -1, axis=0)
        turn = _cross(at - before, after - at)
        reflex = turn < -SAME_M * np.hypot(*(after - at).T)
        corners.append(np.stack([at[reflex], before[reflex], after[reflex]]))
    at, before, after = np.concatenate(corners, axis=1)
    return at, before, after


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], np.float64)


def _joined(
    network: _Network, xy: FloatArray, pairs: IntArray, squares: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, int]:
    """Return the edges with the lines of sight, whose corners split the rings they stand on."""
    used, ends = np.unique(xy[pairs].reshape(-1, 2).round(_DECIMALS), axis=0, return_inverse=True)
    place: GeometryArray = np.asarray(shapely.points(used), object)
    stands = np.flatnonzero(~network.shut)
    metres, at = cKDTree(network.xy[stands]).query(used)
    known = metres <= SAME_M
    node = network.node[stands[at]]
    node[~known] = fresh_nodes(network.edges, int((~known).sum()))
    edges = split_edges(network.edges, _splits(network, place, node, ~known))
    node_pairs = node[ends.reshape(-1, 2)]
    lines: GeometryArray = np.asarray(shapely.linestrings(xy[pairs]), object)
    length_m = np.asarray(shapely.length(lines), np.float64)
    new = ~_has_edge(edges, node_pairs, length_m)
    table = _table(edges, squares, node_pairs[new], lines[new])
    together = pd.concat([edges, table], ignore_index=True)
    return gpd.GeoDataFrame(together, geometry="geometry", crs=edges.crs), len(table)


def _splits(
    network: _Network, place: GeometryArray, node: IntArray, fresh: BoolArray
) -> list[Split]:
    """Return where fresh nodes stand on an edge of the network."""
    corner = np.flatnonzero(fresh)
    tree = shapely.STRtree(network.lines)
    at, row = tree.query(place[corner], predicate="dwithin", distance=SAME_M)
    offset = shapely.line_locate_point(network.lines[row], place[corner[at]])
    inner = (offset > SAME_M) & (offset < shapely.length(network.lines[row]) - SAME_M)
    return [
        Split(edge, along, stands, stands)
        for edge, along, stands in zip(
            row[inner].tolist(), offset[inner].tolist(), node[corner[at[inner]]].tolist(),
            strict=True,
        )
    ]  # fmt: skip


def _has_edge(edges: gpd.GeoDataFrame, pairs: IntArray, length_m: FloatArray) -> BoolArray:
    """Return which pairs of nodes an edge joins already that is walked both ways, as straight."""
    both = edges[(edges["forward"] & edges["backward"] & ~edges["private"]).to_numpy(np.bool_)]
    ends = np.sort(both[["u", "v"]].to_numpy(np.int64), axis=1)
    shortest = both["length_m"].groupby([ends[:, 0], ends[:, 1]]).min()
    wanted = pd.MultiIndex.from_arrays([pairs.min(axis=1), pairs.max(axis=1)])
    return np.asarray(shortest.reindex(wanted).to_numpy() <= length_m + _GRAZE_M, np.bool_)


def _table(
    edges: gpd.GeoDataFrame, squares: gpd.GeoDataFrame, pairs: IntArray, lines: GeometryArray
) -> gpd.GeoDataFrame:
    """Return the lines as rows of the layer."""
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    tree = shapely.STRtree(np.asarray(squares.geometry.array, object))
    line, square = tree.query(middle, predicate="dwithin", distance=_GRAZE_M)
    of = pd.Series(square).groupby(line).min().reindex(np.arange(len(lines)))
    taken = squares.iloc[of.to_numpy(np.int64)].reset_index(drop=True)
    walk_edges = COLUMNS["walk_edges"].values()
    neutral = {column.name: column.neutral for column in walk_edges if column.neutral is not ...}
    columns = {
        **neutral,
        **{name: taken[name] for name in taken.columns if name != "geometry"},
        "edge_id": int(edges["edge_id"].max()) + 1 + np.arange(len(lines)),
        "u": pairs[:, 0],
        "v": pairs[:, 1],
        "length_m": shapely.length(lines),
        "kind": SQUARE,
        "forward": True,
        "backward": True,
    }
    table = pd.DataFrame(columns, index=np.arange(len(lines)))
    kept = [name for name in edges.columns if name in table.columns]
    return gpd.GeoDataFrame(table[kept], geometry=lines, crs=edges.crs)
