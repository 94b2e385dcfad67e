"""Read an OpenStreetMap extract as one district."""

from pathlib import Path
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.import_report import ImportReport
from boundaries.readers.osm.layers.barriers import find_barriers
from boundaries.readers.osm.layers.buildings import find_buildings
from boundaries.readers.osm.layers.gates import find_gates, gates_frame
from boundaries.readers.osm.layers.network import WalkLine, build_edges, walk_lines
from boundaries.readers.osm.layers.service_points import find_service_points
from boundaries.readers.osm.prepare import prepared
from boundaries.readers.osm.scan.extent import find_boundary
from boundaries.readers.osm.scan.extract import Extract
from boundaries.readers.osm.scan.garbage_collection import collector_paused
from boundaries.readers.osm.scan.node_facts import node_facts
from boundaries.readers.osm.scan.scan import read_extract
from boundaries.standards.catalogue import standard_rules
from boundaries.standards.household_estimate import (
    ESTIMATED_NOTE,
    ESTIMATED_NOTE_ZH,
    household_model,
)
from boundaries.standards.tag_rules import TagRules
from geo.crs import metric_epsg
from geo.errors import EmptyError
from geo.model.layers import District, GateAccess, Layers, Origin
from geo.model.standard import Standard

OSM_CREDIT: Final = "© OpenStreetMap contributors (ODbL 1.0)"

_TOLD: Final = frozenset({"ele", "ford"})  # of nodes
_KEYS: Final = _TOLD | frozenset(
    {"barrier", "building", "highway", "natural", "public_transport", "railway", "waterway"}
)


@collector_paused()
def read_osm(
    path: str | Path,
    *,
    code: str,
    standard: Standard,
    name_zh: str | None = None,
    name_en: str | None = None,
    boundary: BaseGeometry | None = None,
) -> tuple[District, Layers, ImportReport]:
    """Read an OpenStreetMap extract as one district.

    Everything in the extract is loaded, also what lies outside the boundary: walks cross it, and
    neighbours serve. The walk network is healed, cut at barriers and contracted
    (:mod:`geo.network.prepare.prepare`). No grids are made.

    Parameters
    ----------
    path : str or Path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``; told by content, not by name.
    code : str
        Code of the district.
    standard : Standard
        Its tag rules give service points their category; see
        :func:`boundaries.standards.catalogue.load_standard`.
    name_zh, name_en : str, optional
        Names; one stands for the other, and the code for both.
    boundary : shapely Polygon or MultiPolygon, optional
        EPSG:4326. Omitted: the rectangle that the file declares, else the convex hull of the
        streets and 50 m around it.

    Returns
    -------
    district : District
        Origin `osm`; its metric CRS is that of the boundary's centre.
    layers : Layers
        EPSG:4326, rows in a fixed order.
    report : ImportReport
        What was read, kept, repaired and rejected. The layer `walk_edges` is counted in ways, its
        note ``edges`` says how many edges they became; it names each place that was healed, cut,
        or left open where a way crosses a barrier.

    Raises
    ------
    NotFoundError
        If there is no such file, or the standard has no tag rules.
    FileFormatError
        If the file is damaged or no OpenStreetMap extract.
    EmptyError
        If the file is empty or holds no walkable way.
    InputError
        If the boundary is no polygon or lies elsewhere.

    Notes
    -----
    About 0.4 s for 4,000 tagged ways and 3 s for 50,000; memory is a few times the file
    unpacked.

    Examples
    --------
    >>> from boundaries.standards.catalogue import load_standard
    >>> from tests.boundaries.readers.osm.osm_scene import write_scene
    >>> lane = (7, [1, 2], {"highway": "footway"})
    >>> path = write_scene(Path("lane.osm"), {1: (0, 0), 2: (300, 0)}, [lane])
    >>> _, layers, _ = read_osm(path, code="371602", standard=load_standard())
    >>> layers.walk_edges["length_m"].round(1).tolist()
    [300.0]
    """
    path = Path(path)
    rules = standard_rules(standard)
    extract = read_extract(path, _KEYS | rules.keys)
    report = ImportReport(path.name)
    lines = walk_lines(extract, report.layer("walk_edges"))
    outline, how = _boundary(extract, lines, boundary, path.name)
    report.layer("boundary").note(f"boundary: {how}")
    epsg = metric_epsg(outline.centroid.x, outline.centroid.y)
    layers = _layers(extract, lines, rules, epsg, report)
    _count_outside(layers, outline, report)
    homes = layers.buildings[layers.buildings["households"] > 0]
    estimated = (homes["households_source"] == "estimated").any()
    district = District(
        code=code,
        name_zh=name_zh or name_en or code,
        name_en=name_en or name_zh or code,
        epsg=epsg,
        boundary=outline,
        origin=Origin.OSM,
        credits=(OSM_CREDIT,),
        note=ESTIMATED_NOTE if estimated else "",
        note_zh=ESTIMATED_NOTE_ZH if estimated else "",
    )
    return district, layers, report


def _boundary(
    extract: Extract, lines: list[WalkLine], given: BaseGeometry | None, name: str
) -> tuple[BaseGeometry, str]:
    """Return the boundary and its origin; raise if nothing defines one."""
    refs = np.unique(np.fromiter((ref for line in lines for ref in line.refs), np.int64))
    lonlat = extract.coordinates.at(refs)
    lonlat = lonlat[~np.isnan(lonlat[:, 0])]
    if not len(lonlat):
        raise EmptyError(
            f"{name} holds no walkable way ({len(extract.ways)} tagged ways, "
            f"{len(extract.nodes)} tagged nodes); wanted an extract with streets. "
            "Export the area again with all its ways and their nodes."
        )
    return find_boundary(given, extract.box, lonlat)


def _layers(
    extract: Extract, lines: list[WalkLine], rules: TagRules, epsg: int, report: ImportReport
) -> Layers:
    """Build every layer but the grids and the workers."""
    account = report.layer("walk_edges")
    gates = find_gates(extract, lines, report.layer("gates"))
    edges, node_at = build_edges(
        lines,
        extract.coordinates,
        epsg=epsg,
        cuts=[gate.node.id for gate in gates],
        closed=[gate.node.id for gate in gates if gate.access is GateAccess.CLOSED],
        nodes=node_facts(extract.nodes),
        report=account,
    )
    barriers = find_barriers(extract, report.layer("barriers"))
    gate_layer = gates_frame(gates, node_at, report.layer("gates"))
    edges, gate_layer = prepared(edges, barriers, gate_layer, report=account)
    account.note("edges", len(edges))
    buildings = report.layer("buildings")
    return Layers(
        buildings=find_buildings(extract, household_model(), epsg=epsg, report=buildings),
        service_points=find_service_points(extract, rules, report.layer("service_points")),
        walk_edges=edges,
        barriers=barriers,
        gates=gate_layer,
    ).conformed()


def _count_outside(layers: Layers, boundary: BaseGeometry, report: ImportReport) -> None:
    """Note how many rows lie outside the boundary, wholly where they are lines or areas."""
    shapely.prepare(boundary)
    for name in ("buildings", "service_points", "walk_edges", "barriers", "gates"):
        frame = getattr(layers, name)
        outside = ~shapely.intersects(boundary, frame.geometry.to_numpy())
        report.layer(name).note("outside the boundary", int(outside.sum()))
