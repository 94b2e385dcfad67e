"""Streets of a district's own, brought together with the walk network that is there."""

from dataclasses import dataclass, replace
from itertools import count
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.import_report import ImportReport, LayerReport
from boundaries.readers.osm.prepare import prepared
from boundaries.standards.catalogue import load_standard
from geo.crs import STORED_EPSG, to_metric
from geo.messages import Message
from geo.model.columns import Value
from geo.model.layer_columns import COLUMNS
from geo.model.layers import District, Layers, conform_layer
from geo.model.vocabulary import BarrierKind, GateAccess, Origin
from geo.network.compile import compile_network
from geo.network.islands import island_report
from geo.network.prepare.contract import contract
from geo.network.prepare.cut_at_barriers import GATE_REACH_M
from geo.network.prepare.duplicates import DRAWN_TWICE_M, Duplicates, without_duplicates
from geo.network.prepare.heal import EPSILON_M, leads
from geo.network.prepare.node_lines import LEAST_M, Noded, node_lines, simple_lines
from geo.network.prepare.prepare import crossed
from geo.network.prepare.private_gates import PRIVATE_M
from geo.network.prepare.split_edges import Split, fresh_nodes, split_edges
from geo.routing.snapped_district import snap_layers
from geo.tolerances import SAME_M

_SAME_DEGREES: Final = 1e-9  # 0.1 mm
_GATE: Final = "street/"
"""How the id of a gate on a street of the district's own begins."""


@dataclass(frozen=True, slots=True)
class OwnLines:
    """Lines to bring into a network.

    Attributes
    ----------
    lines : GeoDataFrame
        EPSG:4326, as :func:`boundaries.readers.layers.streets.streets` reads them.
    gates : GeoDataFrame
        Layer ``gates``, EPSG:4326: gates on these lines, without nodes, and ``source`` (Message).
    """

    lines: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame


def with_streets(
    layers: Layers,
    own: OwnLines,
    district: District,
    account: LayerReport,
    *,
    reach_m: float = EPSILON_M,
) -> Layers:
    """Return the layers with more streets in their walk network, connected with what is there.

    Parameters
    ----------
    layers : Layers
        EPSG:4326; ``walk_edges``, ``barriers`` and ``gates`` are used.
    own : OwnLines
    district : District
        Whose metric CRS lengths are measured in.
    account : LayerReport
        Is told of every repair, by row.
    reach_m : float
        How far from each other ends are joined, metres.
    """
    epsg = district.epsg
    edges = to_metric(layers.walk_edges, epsg)
    edges = edges.assign(source=_sources(edges), new=False, gated=False)
    lines = simple_lines(to_metric(own.lines, epsg))
    _tell_short(own.lines.drop(index=lines.index.unique()), account)
    found = without_duplicates(lines, edges)
    _tell_duplicates(found, lines, edges, account)
    lines = _with_leads(found.lines, edges, layers, reach_m, account)
    noded = node_lines(_table(edges, lines))
    _tell_crossings(noded, account)
    joined, gates = _with_gates(noded.edges, to_metric(own.gates, epsg), account)
    both = pd.concat([_in_walls(layers, epsg), gates.to_crs(STORED_EPSG)], ignore_index=True)
    account.note(Message("streets.reach", {"reach": reach_m}), len(own.lines))
    edges, gates = prepared(joined, layers.barriers, both, None, report=account, reach_m=reach_m)
    return replace(
        layers,
        walk_edges=conform_layer("walk_edges", edges),
        gates=conform_layer("gates", gates),
    )


def _tell_short(lines: gpd.GeoDataFrame, account: LayerReport) -> None:
    """Name each line that is too short to have two ends."""
    short = Message("streets.too_short", {"least": LEAST_M})
    account.repair(short, len(lines))
    for row in lines["source"]:
        account.name(row, short)


def _with_leads(
    lines: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    layers: Layers,
    reach_m: float,
    account: LayerReport,
) -> gpd.GeoDataFrame:
    """Return lines, and short ones to them from the dead ends of edges that nearly meet them."""
    epsg = edges.crs.to_epsg()
    barriers, gates = to_metric(layers.barriers, epsg), to_metric(layers.gates, epsg)
    short, of = leads(lines, edges, barriers, gates, reach_m=reach_m)
    account.repair(Message("osm.ends_joined"), len(short))
    places = shapely.get_point(short.to_crs(STORED_EPSG).geometry.to_numpy(), 0)
    names = zip(of["source"], short["source"], short.geometry.length, places, strict=True)
    for street, lane, gap_m, place in names:
        said = {"way": lane, "gap": float(gap_m)}
        account.name(_at(street, place), Message("osm.joined_to_edge", said))
    return gpd.GeoDataFrame(pd.concat([lines, short], ignore_index=True), crs=lines.crs)


def without_own_streets(layers: Layers) -> tuple[Layers, OwnLines]:
    """Return the layers without the district's own streets and gates on them, and these.

    What they had cut of other streets is put together again.
    """
    edges, gates = layers.walk_edges, layers.gates
    given = (edges["origin"] == Origin.GIVEN).to_numpy(bool)
    mine = gates["gate_id"].str.startswith(_GATE).to_numpy(bool)
    lines = _as_drawn(edges[given], gates)
    sources = [Message("streets.own_street", {"edge": edge}) for edge in lines["edge_id"].tolist()]
    lines = lines.assign(source=sources, gate="")
    kept = gates[mine].assign(node=0).reset_index(drop=True)
    of_gate = [Message("streets.own_gate", {"gate": gate}) for gate in kept["gate_id"].tolist()]
    own = OwnLines(lines, kept.assign(source=of_gate))
    if not given.any():
        return layers, own
    cut = np.unique(edges.loc[given, ["u", "v"]].to_numpy(np.int64))
    ends = edges.loc[~given, ["u", "v"]].to_numpy(np.int64)
    stay = [*np.setdiff1d(ends, cut).tolist(), *gates.loc[~mine, "node"], *crossed(edges[~given])]
    rest = contract(edges[~given].assign(gated=False), keep=stay)[0]
    left = replace(layers, walk_edges=rest, gates=gates[~mine].reset_index(drop=True))
    return left, own


def _as_drawn(edges: gpd.GeoDataFrame, gates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the district's own streets as lines that no gate and no other street cuts."""
    edges = edges.assign(gated=False).reset_index(drop=True)
    ends = edges[["u", "v"]].to_numpy(np.int64).copy()
    closed = gates.loc[gates["access"] == GateAccess.CLOSED, "node"].to_numpy(np.int64)
    places = np.stack([shapely.get_point(edges.geometry.to_numpy(), side) for side in (0, -1)], 1)
    here = closed[np.isin(closed, ends)]
    at = np.array([places[ends == node][0] for node in here], object)
    gate, side = shapely.STRtree(places.ravel()).query(
        at, predicate="dwithin", distance=_SAME_DEGREES
    )
    ends[np.unravel_index(side, ends.shape)] = here[gate]
    private = edges["private"].to_numpy(bool).copy()
    locked = gates.loc[gates["access"] == GateAccess.PRIVATE, "node"].to_numpy(np.int64)
    stub = private & (edges["length_m"] <= PRIVATE_M + SAME_M).to_numpy(bool)
    stub &= np.isin(ends, locked).any(axis=1)
    for row in np.flatnonzero(stub).tolist():
        beyond = np.isin(ends, np.setdiff1d(ends[row], locked)).any(axis=1) & ~stub
        private[row] = bool(private[beyond].all())
    table = edges.assign(private=private, u=ends[:, 0], v=ends[:, 1])
    return contract(table)[0]


def with_kept_streets(
    layers: Layers, before: Layers, district: District, report: ImportReport
) -> Layers:
    """Return the layers of an extract with the streets of the district's own that are stored."""
    own = without_own_streets(before)[1]
    if not len(own.lines):
        return layers
    account = report.layer("walk_edges")
    account.note(Message("streets.kept"), len(own.lines))
    return with_streets(layers, own, district, account)


def gates_on(lines: gpd.GeoDataFrame, district: District, layers: Layers) -> OwnLines:
    """Return lines with the gates that stand on them: where a line meets a wall, else halfway."""
    barriers = layers.barriers
    walls = barriers[(barriers["kind"] == BarrierKind.WALL) & (barriers["level"] == 0)]
    wall = shapely.union_all(to_metric(walls, district.epsg).geometry.to_numpy())
    has = lines[lines["gate"] != ""]
    places = []
    for line in to_metric(has, district.epsg).geometry:
        longest = max(shapely.get_parts(line), key=shapely.length)
        met = shapely.get_parts(shapely.intersection(longest, wall))
        points = [shape for shape in met if shape.geom_type == "Point"]
        halfway = shapely.line_interpolate_point(longest, 0.5, normalized=True)
        places.append(points[0] if len(points) == 1 else halfway)
    ids = _free_ids([f"{_GATE}{_number(source)}" for source in has["source"]], layers.gates)
    table = {"gate_id": ids, "access": has["gate"].tolist(), "name": has["name"].tolist()}
    frame = gpd.GeoDataFrame(table, geometry=places, crs=district.epsg).to_crs(STORED_EPSG)
    gates = frame.assign(node=0, opening_hours="", source=has["source"].to_numpy())
    return OwnLines(lines, gates)


def _free_ids(ids: list[str], gates: gpd.GeoDataFrame) -> list[str]:
    """Return ids that nobody has, numbered on where they are taken."""
    taken, free = set(gates["gate_id"]), list[str]()
    for name in ids:
        numbered = (name if n == 1 else f"{name}/{n}" for n in count(1))
        free.append(next(each for each in numbered if each not in taken))
        taken.add(free[-1])
    return free


def _number(source: Message) -> str:
    """Return the id of a row, else its number."""
    return str(source.parameters.get("key", source.parameters["n"]))


def tell_islands(layers: Layers, district: District, account: LayerReport) -> None:
    """Note the islands of the network, and the buildings that hang on them."""
    if not len(layers.walk_edges):
        return
    metric = layers.to_metric(district.epsg)
    network = compile_network(metric, load_standard().profiles[0])
    snapped = snap_layers(metric, network, ())
    links = snapped.buildings.take(snapped.entrances.one_each(snapped.buildings.linked))
    table = island_report(network, links, layers.buildings["households"].to_numpy(np.int64))
    islands, buildings = table.iloc[1:], len(layers.buildings)
    on_islands = int(islands["buildings"].sum())
    said: dict[str, Value] = {
        "metres": float(islands["walkable_m"].sum()), "buildings": on_islands, "of": buildings,
        "share": on_islands / buildings if buildings else 0.0,
    }  # fmt: skip
    account.note(Message("streets.islands", said), len(islands))
    account.note(Message("streets.unlinked"), int((~links.linked).sum()))


def _sources(edges: gpd.GeoDataFrame) -> list[Message]:
    """Return what each edge that is there is called: its way, else its number."""
    pairs = zip(edges["edge_id"].tolist(), edges["osm_id"].tolist(), strict=True)
    return [
        Message("streets.way", {"way": str(way)})
        if way
        else Message("streets.old_street", {"edge": edge})
        for edge, way in pairs
    ]


def _table(edges: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return edges and lines as one table; lines get numbers, and nodes later."""
    first = int(edges["edge_id"].max()) + 1 if len(edges) else 0
    blank = {name: column.neutral for name, column in COLUMNS["walk_edges"].items()
             if column.neutral is not ... and name not in lines.columns}  # fmt: skip
    fresh = lines.assign(
        **blank | {"origin": Origin.GIVEN.value},
        edge_id=first + np.arange(len(lines)),
        u=0,
        v=0,
        length_m=lines.geometry.length.to_numpy(),
        osm_id=0,
        new=True,
    )
    wanted = [*COLUMNS["walk_edges"], "source", "new", "geometry"]
    parts = [part[wanted] for part in (edges, fresh) if len(part)]
    return gpd.GeoDataFrame(pd.concat(parts or [edges[wanted]], ignore_index=True), crs=edges.crs)


def _tell_duplicates(
    found: Duplicates, lines: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, account: LayerReport
) -> None:
    """Name each line that draws a street that is there."""
    source = dict(zip(edges["edge_id"], edges["source"], strict=True))
    names = lines["source"].tolist()
    columns = (found.known[name].tolist() for name in ("row", "edge_id", "known_m", "length_m"))
    for row, edge, known_m, length_m in zip(*columns, strict=True):
        whole = length_m - known_m <= LEAST_M
        account.repair(Message("streets.already_there" if whole else "streets.partly_there"))
        said = {
            "street": source[edge],
            "beside": DRAWN_TWICE_M,
            "known": known_m,
            "length": length_m,
        }
        account.name(names[row], Message("streets.draws", said))
    left = found.lines["source"].tolist()
    account.repair(Message("streets.led"), len(found.led))
    for end in found.led.to_crs(STORED_EPSG).itertuples():
        led = Message("streets.led_on", {"gap": float(end.gap_m)})
        account.name(_at(left[int(end.row)], end.geometry), led)


def _tell_crossings(noded: Noded, account: LayerReport) -> None:
    """Name each crossing on another level and each end that stays apart."""
    edges = noded.edges
    source = dict(zip(edges["edge_id"], edges["source"], strict=True))
    account.note(Message("streets.noded"), noded.crossings)
    account.note(Message("streets.passing"), len(noded.passing))
    account.note(Message("streets.apart"), len(noded.apart))
    for row in noded.passing.to_crs(STORED_EPSG).itertuples():
        passed = Message("streets.passes", {"street": source[row.other_id]})
        account.name(_at(source[row.edge_id], row.geometry), passed)
    for row in noded.apart.to_crs(STORED_EPSG).itertuples():
        account.name(_at(source[row.edge_id], row.geometry), Message("streets.stays_apart"))


def _at(source: Message, place: shapely.Point) -> Message:
    return Message("osm.place", {"way": source, "x": float(place.x), "y": float(place.y)})


def _with_gates(
    edges: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, account: LayerReport
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return edges with a node at each gate, closed ones with two, and the gates that stand."""
    new = np.flatnonzero(edges["new"].to_numpy(bool))
    lines = np.asarray(edges.geometry.array, object)
    tree = shapely.STRtree(lines[new])
    fresh = iter(fresh_nodes(edges, 2 * len(gates)).tolist())
    splits, nodes = list[Split](), []
    for place, access in zip(gates.geometry, gates["access"], strict=True):
        near = tree.query(place, predicate="dwithin", distance=GATE_REACH_M).tolist()
        far = [(float(shapely.distance(lines[at], place)), int(at)) for at in new[near]]
        row = min(far, default=(0.0, -1))[1]
        offset_m = 0.0 if row < 0 else _inside(lines[row], place)
        taken = [split.offset_m for split in splits if split.row == row]
        if row < 0 or any(abs(offset_m - other) <= LEAST_M for other in taken):
            nodes.append(0)
            continue
        first = next(fresh)
        second = next(fresh) if access == GateAccess.CLOSED else first
        splits.append(Split(row, offset_m, first, second))
        nodes.append(first)
    placed = np.array(nodes, np.int64) != 0
    account.note(Message("streets.gate_placed"), int(placed.sum()))
    return split_edges(edges, splits), _told_gates(gates.assign(node=nodes), placed, account)


def _inside(line: shapely.LineString, place: shapely.Point) -> float:
    """Return the offset of a place along a line, or of its middle for one at an end, metres."""
    offset_m = float(shapely.line_locate_point(line, place))
    return offset_m if LEAST_M < offset_m < line.length - LEAST_M else line.length / 2


def _told_gates(
    gates: gpd.GeoDataFrame, placed: np.ndarray, account: LayerReport
) -> gpd.GeoDataFrame:
    """Return the gates that stand; each is named by its row, or by its id."""
    degrees = gates.geometry.to_crs(STORED_EPSG)
    for row, place, stands in zip(gates.itertuples(), degrees, placed, strict=True):
        code = "streets.gate_at" if stands else "streets.gate_not_placed"
        account.name(_at(row.source, place), Message(code, {"access": row.access}))
    kept = gates[placed].drop(columns="source")
    return gpd.GeoDataFrame(kept.assign(in_wall=True), crs=gates.crs)


def _in_walls(layers: Layers, epsg: int) -> gpd.GeoDataFrame:
    """Return the gates that are there, and which are no crossings of rails or water."""
    gates = to_metric(layers.gates, epsg)
    barriers = to_metric(layers.barriers, epsg)
    is_wall = (barriers["kind"] == BarrierKind.WALL).to_numpy(bool)
    at_wall, at_other = (
        gates.geometry.dwithin(shapely.union_all(barriers.geometry.to_numpy()[which]), GATE_REACH_M)
        for which in (is_wall, ~is_wall)
    )
    return layers.gates.assign(in_wall=(at_wall | ~at_other).to_numpy(bool))
