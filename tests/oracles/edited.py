"""What a scenario means: the layers as its edits leave them, for a full run to be made on."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.model.layers import Layers, conform_layer
from geo.scenario.edits import Edit
from geo.scenario.resolve_edits import EditResolver, ResolvedEdits, edited_gates
from geo.scenario.street_edits import Edge


def edited_layers(resolver: EditResolver, edits: Sequence[Edit]) -> Layers:
    """Return the layers as they are after `edits`, in order."""
    resolved = resolver.resolve(edits)
    layers = resolver.layers
    buildings = layers.buildings.copy()
    rows = resolver.building_row.get_indexer(list(resolved.households))
    buildings.loc[rows, "households"] = np.array(list(resolved.households.values()), np.int64)
    return replace(
        layers,
        buildings=buildings,
        gates=edited_gates(layers.gates, resolved),
        service_points=_points(layers.service_points, resolved),
        entrances=_entrances(layers, resolved),
        walk_edges=_edges(layers.walk_edges, resolved),
    )


def _points(points: gpd.GeoDataFrame, resolved: ResolvedEdits) -> gpd.GeoDataFrame:
    rows = [
        {
            "point_id": point_id, "category": p.category, "name": p.name, "sub": p.sub,
            "origin": p.origin, "capacity": p.capacity, "lon": p.lon, "lat": p.lat,
            "geometry": shapely.Point(p.x, p.y),
        }
        for point_id, p in resolved.points.items()
        if p is not None
    ]  # fmt: skip
    return _joined("service_points", points[~points["point_id"].isin(list(resolved.points))], rows)


def _entrances(layers: Layers, resolved: ResolvedEdits) -> gpd.GeoDataFrame:
    """Entrances of a point that stands elsewhere, or nowhere, lead into it no more."""
    stood = layers.service_points.set_index("point_id")[["lon", "lat"]]
    gone = [
        name
        for name, p in resolved.points.items()
        if name in stood.index and (p is None or (p.lon, p.lat) != tuple(stood.loc[name]))
    ]
    entrances = layers.entrances.copy()
    entrances["point_id"] = entrances["point_id"].where(~entrances["point_id"].isin(gone), None)
    return entrances


def _edges(edges: gpd.GeoDataFrame, resolved: ResolvedEdits) -> gpd.GeoDataFrame:
    rows = [{n: getattr(e, n) for n in Edge.__slots__} for e in resolved.draft.added.values()]
    return _joined("walk_edges", edges[~edges["edge_id"].isin(list(resolved.draft.removed))], rows)


def _joined(layer: str, kept: gpd.GeoDataFrame, rows: list[dict]) -> gpd.GeoDataFrame:
    """Return a layer with rows added behind those that are kept."""
    if not rows:
        return kept.reset_index(drop=True)
    fresh = conform_layer(layer, gpd.GeoDataFrame(rows, geometry="geometry", crs=kept.crs))
    joined = pd.concat([kept, fresh], ignore_index=True)
    return joined.astype(kept.dtypes.drop("geometry").to_dict())
