"""A grid that is written one by one matches its neighbours vertex by vertex, on both stores."""

import numpy as np
import pytest
import shapely
from shapely import Polygon

from boundaries.store.interface import Store
from boundaries.store.tables.records import Commit, PlanGate
from geo.crs import to_metric
from geo.grids.checks.gate import faults_of_change

CODE = "371602"
GATED = Commit(gate=PlanGate.REFUSE)


def with_a_corner_more(store: Store, off: float) -> tuple[str, str]:
    """Put a corner `off` degrees from the middle of a border into one of its grids."""
    grids = store.layers(CODE).grids
    small = grids[grids["level"] == "small"].reset_index(drop=True)
    shapes = np.asarray(small.geometry, dtype=object)
    one, two = shapely.STRtree(shapes).query(shapes, predicate="touches")
    border = shapely.intersection(shapes[one], shapes[two])
    at = int(np.argmax(shapely.length(border)))
    row, beside = one[at], two[at]
    (x0, y0), (x1, y1) = shapely.get_coordinates(border[at])[[0, -1]]
    ring = shapely.get_coordinates(shapes[row])
    middle = ((x0 + x1) / 2 + off, (y0 + y1) / 2 + off)
    ends = {(x0, y0), (x1, y1)}
    place = next(k for k in range(len(ring) - 1) if {tuple(ring[k]), tuple(ring[k + 1])} == ends)
    new = Polygon(np.insert(ring, place + 1, middle, axis=0))
    put = small.iloc[[row]].set_geometry([new], crs=4326)
    store.edit(CODE, "grids", put=put, commit=GATED)
    return str(small["code"][row]), str(small["code"][beside])


@pytest.mark.parametrize("off", [0.0, 3e-9])
def test_a_new_corner_is_given_to_the_neighbour(town: Store, off: float):
    district, layers = town.snapshot(CODE)
    own, beside = with_a_corner_more(town, off)
    after = town.layers(CODE).grids.set_index("code", drop=False)
    corners = [set(map(tuple, shapely.get_coordinates(after.geometry[c]))) for c in (own, beside)]
    before = layers.grids.set_index("code").geometry[own]
    (new,) = corners[0] - set(map(tuple, shapely.get_coordinates(before)))
    assert new in corners[1]
    was, now = (to_metric(each, district.epsg) for each in (layers.grids, town.layers(CODE).grids))
    assert faults_of_change(was, now) == []
    assert "faults" not in str(town.changes(CODE)[0].what)
