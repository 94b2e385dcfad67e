"""Prepare the walk network of an extract, with a report of every repair."""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.osm.layers.barriers import BARRIERS
from boundaries.readers.osm.layers.squares import SquareGround
from geo.crs import STORED_EPSG, to_metric
from geo.messages import Message
from geo.network.prepare.cut_at_barriers import Crossing
from geo.network.prepare.heal import EPSILON_M
from geo.network.prepare.prepare import prepare

_DEGREE_DECIMALS: Final = 10
"""Decimals of a degree, about 0.01 mm: far finer than OpenStreetMap's own 1e-7 degrees, so that the
way through metres and back leaves the coordinates of a node as they were."""

_DONE: Final = {
    Crossing.CUT: Message("osm.cut"),
    Crossing.STREET: Message("osm.open_street"),
    Crossing.BESIDE: Message("osm.open_beside"),
    Crossing.WEAVING: Message("osm.open_weaving"),
}
_JOINED: Final = {
    "edge": "osm.joined_to_edge",
    "node": "osm.joined_to_node",
}


def prepared(
    edges: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    squares: SquareGround | None,
    *,
    report: LayerReport,
    private_gates: bool = True,
    reach_m: float = EPSILON_M,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Prepare the walk network (:func:`geo.network.prepare.prepare.prepare`).

    Parameters
    ----------
    edges : GeoDataFrame
        Layer `walk_edges`, metric, and ``source``: the object that each edge is of. A column
        ``new`` may tell which are not prepared yet.
    barriers, gates : GeoDataFrame
        EPSG:4326.
    squares : SquareGround or None
        None: none is crossed.
    report : LayerReport
        Gets the number of repairs, and each of them by way and place.
    private_gates, reach_m : bool, float
        As there.

    Returns
    -------
    edges, gates : GeoDataFrame
        EPSG:4326; gates know the node they stand at now.
    """
    epsg = edges.crs.to_epsg()
    # What is one object is told apart by its number here, way or relation alike.
    areas = None if squares is None else squares.squares
    both = edges if areas is None else pd.concat([edges, areas], ignore_index=True)
    number, sources = pd.factorize(both["source"])
    osm_id = np.concatenate([[0], both["osm_id"].groupby(number).first()]).astype(np.int64)
    done = prepare(
        edges.assign(osm_id=number[: len(edges)] + 1),
        to_metric(barriers, epsg),
        to_metric(gates, epsg),
        None if areas is None else areas.assign(osm_id=number[len(edges) :] + 1),
        None if squares is None else squares.obstacles,
        private_gates=private_gates,
        reach_m=reach_m,
    )
    repairs, crossings = done.repairs.to_crs(STORED_EPSG), done.crossings.to_crs(STORED_EPSG)
    report.repair(Message("osm.ends_joined"), len(repairs))
    for row in repairs.itertuples():
        place = _place(sources[row.osm_id - 1], row.geometry)
        said = {"way": sources[row.to_osm_id - 1], "gap": float(row.gap_m)}
        report.name(place, Message(_JOINED[row.done], said))
    for what, number in crossings["done"].value_counts().items():
        if what == Crossing.CUT:
            report.repair(Message("osm.walkways_cut"), int(number))
        else:
            report.note(Message("osm.crossed", {"done": _DONE[what]}), int(number))
    for row in crossings.itertuples():
        said = {"done": _DONE[row.done], "kind": BARRIERS[row.kind], "barrier": row.barrier_id}
        place = _place(sources[row.osm_id - 1], row.geometry)
        report.name(place, Message("osm.crossing_of", said))
    report.note(Message("osm.private_gates"), done.closed_off)
    report.note(Message("osm.sights"), done.sights)
    report.note(Message("osm.contracted"), done.contracted)
    of_number = done.edges["osm_id"].to_numpy(np.int64)
    return stored(done.edges.assign(osm_id=osm_id[of_number])), gates.assign(
        node=done.gates["node"].to_numpy()
    )


def stored(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return metric edges in EPSG:4326."""
    to_degrees = pyproj.Transformer.from_crs(edges.crs, STORED_EPSG, always_xy=True).transform

    def rounded(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.round(np.column_stack(to_degrees(xy[:, 0], xy[:, 1])), _DEGREE_DECIMALS)

    geometry = shapely.transform(np.asarray(edges.geometry.array, object), rounded)
    table = pd.DataFrame(edges.drop(columns="geometry"))
    return gpd.GeoDataFrame(table, geometry=geometry, crs=STORED_EPSG)


def _place(way: str | Message, point: shapely.Point) -> Message:
    """Return way and place, for instance ``way/12 at 24.93832, 60.17009``."""
    return Message("osm.place", {"way": way, "x": float(point.x), "y": float(point.y)})
