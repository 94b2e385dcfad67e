"""What would link a place: the way nearest to it, wherever it leads, and the barrier before it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import FloatArray, GeometryArray, ObjectArray


def nearest_ways(
    xy: FloatArray, edges: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, *, tree: shapely.STRtree
) -> pd.DataFrame:
    """Return the way nearest to each of n places, of any level, and what lies between.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
        Metres, in the CRS of the layers.
    edges, barriers : GeoDataFrame
        Layers ``walk_edges`` and ``barriers``.
    tree : STRtree
        Of the edges, in their order.

    Returns
    -------
    DataFrame
        By place: ``edge_id``, ``kind`` and ``level`` of the way, of those equally near the first;
        ``metres`` to it; ``barrier_id`` of the first barrier on the straight line to it, None for
        none. No rows where there are no ways.

    Examples
    --------
    >>> from tests.scenes import tiny_layers, xy
    >>> layers = tiny_layers().to_metric(4548)
    >>> edges = layers.walk_edges
    >>> tree = shapely.STRtree(np.asarray(edges.geometry.array, object))
    >>> nearest_ways(np.array([xy(220, 260)]), edges, layers.barriers, tree=tree)
       edge_id     kind  level  metres barrier_id
    0        5  footway      0    20.0         w1
    """
    if not len(edges):
        return pd.DataFrame(columns=["edge_id", "kind", "level", "metres", "barrier_id"])
    places: GeometryArray = np.atleast_1d(np.asarray(shapely.points(xy), object))
    place, row = tree.query_nearest(places, all_matches=True)
    first = np.lexsort((edges["edge_id"].to_numpy(np.int64)[row], place))
    row = row[first][np.unique(place[first], return_index=True)[1]]
    legs = shapely.shortest_line(places, np.asarray(edges.geometry.array, object)[row])
    ways = edges[["edge_id", "kind", "level"]].iloc[row].reset_index(drop=True)
    before = first_barriers(legs, barriers)
    return pd.DataFrame(ways.assign(metres=shapely.length(legs), barrier_id=before))


def first_barriers(legs: GeometryArray, barriers: gpd.GeoDataFrame) -> ObjectArray:
    """Return the ``barrier_id`` on the ground that each line meets first, None for none."""
    walls: GeometryArray = np.array(barriers.geometry[barriers["level"] == 0], dtype=object)
    names = barriers.loc[barriers["level"] == 0, "barrier_id"].to_numpy(object)
    area = shapely.get_dimensions(walls) == 2  # noqa: PLR2004 - dimension of a polygon
    walls[area] = shapely.boundary(walls[area])
    leg, wall = shapely.STRtree(walls).query(legs, predicate="intersects")
    start = shapely.get_point(legs[leg], 0)
    away = shapely.distance(start, shapely.intersection(legs[leg], walls[wall]))
    first: ObjectArray = np.full(len(legs), None, object)
    nearest = np.lexsort((names[wall], away, leg))[::-1]  # the nearest is written last
    first[leg[nearest]] = names[wall[nearest]]
    return first
