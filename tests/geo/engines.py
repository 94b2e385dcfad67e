"""Engines over small scenes: their layers snapped, and what is built upon that."""

from collections.abc import Sequence

import numpy as np

from geo.accessibility.coverage import nearest_times
from geo.isochrone.isochrones import Isochrones
from geo.model.layers import Layers
from geo.network.compile import WalkNetwork
from geo.routing.snapped_district import snap_layers
from geo.scenario.engine import WhatIfEngine


def drawing(network: WalkNetwork, layers: Layers | None = None) -> Isochrones:
    """Return what draws isochrones, and counts the households of `layers`."""
    counted = layers or Layers()
    households = counted.buildings["households"].to_numpy(np.int64)
    return Isochrones(snap_layers(counted, network, ()), households)


def what_if(layers: Layers, network: WalkNetwork, categories: Sequence[str]) -> WhatIfEngine:
    """Return the what-if engine of a district."""
    snapped = snap_layers(layers, network, categories)
    return WhatIfEngine(layers, snapped, nearest_times(snapped))
