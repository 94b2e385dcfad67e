"""The box of the inhabited grids is that of all of them, though few are looked at."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from geo.crs import project_points, to_metric
from geo.grids.assign import assign
from geo.grids.hierarchy import extent
from geo.grids.inhabited import inhabited_box

EPSG = 4548
WEST, SOUTH = 118.0, 37.4


def by_all(shapes: np.ndarray, lonlat: np.ndarray) -> tuple[float, ...]:
    """Return the box as it is worked out of a district whose layers are at hand."""
    codes = [f"s{i:03d}" for i in range(len(shapes))]
    frame = pd.DataFrame({"code": codes, "level": "small", "parent_code": None})
    grids = gpd.GeoDataFrame(frame, geometry=list(shapes), crs=4326)
    x, y = project_points(*lonlat.T, EPSG).T
    of_points = assign(to_metric(grids, EPSG), x, y, nearest=False)["small"]
    return extent(grids, of_points, box(0, 0, 1, 1))


def town(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return grids that may overlap, in any order, and points in some, also on their borders."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    cells = [box(i, j, i + 1, j + 1) for i in range(n) for j in range(n)]
    cells += [box(x, y, x + 2, y + 2) for x, y in rng.integers(-1, n, (int(rng.integers(0, 4)), 2))]
    cells = np.array(cells)[rng.permutation(len(cells))]
    points = rng.uniform(0, n, (int(rng.integers(1, 12)), 2))
    on_borders = rng.integers(0, n + 1, (int(rng.integers(0, 4)), 2)).astype(float)
    middle = (n + rng.uniform(-n, n, 2)) / 2
    points = np.vstack([points[np.abs(points - middle).max(axis=1) < n / 3], on_borders])
    size = 10.0 ** -rng.integers(1, 4)
    return shapely.transform(cells, lambda at: at * size + [WEST, SOUTH]), points * size + [
        WEST,
        SOUTH,
    ]


@pytest.mark.parametrize("seed", range(60))
def test_it_is_the_box_of_the_grids_that_hold_a_point(seed):
    shapes, lonlat = town(seed)
    found = inhabited_box(shapes, lonlat, EPSG)
    x, y = project_points(*lonlat.T, EPSG).T if len(lonlat) else np.empty((2, 0))
    metric = shapely.transform(shapes, lambda at: project_points(*at.T, EPSG))
    if not shapely.intersects(metric[:, None], shapely.points(x, y)[None]).any():
        assert found is None
    else:
        assert found == by_all(shapes, lonlat)


def test_a_point_on_a_border_belongs_to_the_first_grid_alone():
    pair = np.array([box(118.00, 37, 118.01, 37.01), box(118.01, 37, 118.02, 37.01)])
    on_border = np.array([[118.01, 37.01]])
    assert inhabited_box(pair, on_border, EPSG) == tuple(pair[0].bounds)
    assert inhabited_box(pair[::-1], on_border, EPSG) == tuple(pair[1].bounds)


def test_nowhere():
    grid = np.array([box(118, 37, 118.01, 37.01)])
    assert inhabited_box(grid, np.empty((0, 2)), EPSG) is None
    assert inhabited_box(grid, np.array([[np.nan, 37.0], [119.0, 37.0]]), EPSG) is None
    assert inhabited_box(grid[:0], np.array([[118.0, 37.0]]), EPSG) is None
