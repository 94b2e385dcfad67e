"""Hours on real ground: the week, the oracle, and a single time agree in Helsinki and Tsinghua."""

from dataclasses import replace

import numpy as np
import pytest

from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.week.answers import HOUR_NAMES, compute_week
from boundaries.demo import helsinki_path
from boundaries.readers.opening_hours import Hours, is_readable, parse_moment
from boundaries.readers.osm import read_osm
from boundaries.standards.catalogue import load_standard
from geo.errors import NotFoundError
from tests.oracles.comparing import places_of, rules
from tests.oracles.hours import at_hour, is_open
from tests.oracles.walking import Oracle
from tests.shared import SHARED, needs_shared

STANDARD = load_standard()


@pytest.fixture(scope="module", params=["helsinki", pytest.param("tsinghua", marks=needs_shared)])
def snapshot(request) -> Snapshot:
    try:
        path = (
            helsinki_path()
            if request.param == "helsinki"
            else SHARED / "data/osm-beijing-tsinghua-2017/map.nometa.osm.pbf"
        )
    except NotFoundError as error:
        pytest.skip(str(error))
    return Snapshot(*read_osm(path, code=request.param, standard=STANDARD)[:2], STANDARD)


def test_sampled_hours_of_the_week_equal_single_times(snapshot):
    week = compute_week(snapshot, CoverageQuestion(minutes=5), None)
    for name in ("Mo00", "Tu10", "Tu23", "Sa15", "Su09"):
        moment = f"{name[:2]} {name[2:]}:00"
        asked, _ = as_asked(snapshot, CoverageQuestion(at=moment))
        times = asked.times("standard")
        covered = times.covered(5.0)
        for column, category in enumerate(times.categories):
            strip = week.coverage.strips[category].of_buildings()[:, HOUR_NAMES.index(name)]
            np.testing.assert_array_equal(strip, covered[:, column])


@pytest.mark.parametrize("at", ["Tu 23:00", "Su 09:00"])
def test_times_at_an_hour_equal_the_oracle(snapshot, at):
    moment = parse_moment(at)
    minute = 60 * moment.hour + moment.minute
    middle = snapshot.district.boundary.centroid
    read = {True: 0, False: 0}

    def is_closed(text: str) -> bool:
        found = is_open(text, moment.weekday(), minute)
        read[found is not None] += 1
        if found is not None:
            return not found
        return is_readable(text) and Hours(text, middle.x, middle.y).is_closed(moment)

    metric = snapshot.metric
    layers = at_hour(metric, is_closed)
    oracle = Oracle(
        layers.walk_edges, layers.barriers, layers.gates, **rules(snapshot.profile("standard"))
    )
    rows = np.linspace(0, len(metric.buildings) - 1, 12).astype(int)
    some = replace(layers, buildings=layers.buildings.iloc[rows])
    homes, places = places_of(oracle, some)
    kinds = layers.service_points["category"]
    asked, _ = as_asked(snapshot, CoverageQuestion(at=at))
    times = asked.times("standard")
    for category in ("medical", "post", "education"):
        ends = [
            p for each, kind in zip(places, kinds, strict=True) if kind == category for p in each
        ]
        walks = iter(oracle.nearest([place for home in homes for place in home], ends))
        expected = np.array([min(next(walks) for _ in home) for home in homes])
        found = times.time_s[rows, times.column(category)]
        np.testing.assert_array_equal(np.isnan(found), np.isinf(expected))
        assert np.nanmax(np.abs(found - expected), initial=0.0) <= 0.01
    assert read[False] <= 0.2 * (read[True] + read[False])  # most is read by both
