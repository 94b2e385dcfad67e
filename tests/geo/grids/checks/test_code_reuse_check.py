"""Who bore a code: the same grid, one that came back to its place, or another."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from geo.grids.checks.code_reuse_check import reassigned_codes
from tests.plans import EPSG

HERE, REDRAWN, HALF = (box(0, 0, 10, north) for north in (10, 9, 5))
FAR = box(50, 0, 60, 10)
NOW = None


def again(*states) -> bool:
    """Return whether a code is borne again, by its states: since, until, place, origin."""
    rows = [(*state, "given")[:4] for state in states]
    frame = pd.DataFrame(rows, columns=["since", "until", "geometry", "origin"])
    frame["until"] = frame["until"].astype(object).where(frame["until"].notna(), None)
    layer = gpd.GeoDataFrame(frame.assign(code="a"), crs=EPSG)
    found = reassigned_codes(layer)
    assert found <= {"a"}
    return bool(found)


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        ([(1, NOW, HERE)], False),
        ([(1, 3, HERE), (3, NOW, FAR)], False),  # it moved, it never ended
        ([(1, 3, HERE), (5, NOW, HERE)], False),  # it came back
        ([(1, 3, HERE), (5, NOW, REDRAWN)], False),  # nearly as it was
        ([(1, 3, HERE), (5, NOW, box(0, 0, 10, 7.51))], False),  # SAME_PLACE of it
        ([(1, 3, HERE), (5, NOW, box(0, 0, 10, 7.5))], True),
        ([(1, 3, HERE), (5, NOW, HALF)], True),
        ([(1, 3, HERE), (5, NOW, FAR)], True),
        ([(1, 3, HERE), (5, 7, FAR), (7, NOW, HERE)], True),  # the other one, moved here
        ([(1, 3, HERE), (5, 7, FAR), (9, NOW, HERE)], False),  # the first one, back again
        ([(1, 3, HERE), (5, 7, FAR), (9, NOW, FAR)], True),
        ([(1, 3, HERE), (5, 7, FAR)], False),  # nobody bears it now
        ([(1, 3, HERE, "drawn"), (5, NOW, FAR)], False),  # drawn codes are free
        ([(1, 3, HERE), (5, NOW, FAR, "drawn")], True),
        ([(1, 2, HERE), (2, 3, HALF), (5, NOW, HALF)], False),  # back as it was last
    ],
)
def test_bearers(states, wanted):
    assert again(*states) is wanted
