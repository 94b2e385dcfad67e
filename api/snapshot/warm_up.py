"""Warm-up: compile the engine before the first request waits for it."""

import time
from collections.abc import Callable
from threading import Thread

import shapely

from api.parameters import DEFAULT_MINUTES, DEFAULT_PROFILE
from api.snapshot.cache import Snapshots
from api.snapshot.district import Snapshot
from geo.errors import LifecircleError
from geo.messages import Message
from geo.routing.od_pairs import pairs_within
from geo.scenario.edits import ClosePoint, CloseStreet
from geo.scenario.explain import explain


def warm_up(snapshots: Snapshots, report: Callable[[str], object]) -> Thread:
    """Query the engine once in the background, so that it is compiled for the first request.

    The smallest district with buildings is used; requests are answered meanwhile.

    Parameters
    ----------
    snapshots : Snapshots
    report : callable
        Gets one line when it is done, or why it is not.
    """
    thread = Thread(target=_warm, args=(snapshots, report), name="warm-up", daemon=True)
    thread.start()
    return thread


def _warm(snapshots: Snapshots, report: Callable[[str], object]) -> None:
    started = time.perf_counter()
    try:
        store = snapshots.store
        sizes = {d.code: store.counts(d.code)["buildings"] for d in store.districts()}
        codes = [code for code, buildings in sizes.items() if buildings]
        if not codes:
            return
        answer_once(snapshots.current(min(codes, key=lambda code: (sizes[code], code))))
    except LifecircleError as error:
        report(str(Message("service.cold", {"fault": error.message})))
    else:
        report(str(Message("service.warm", {"seconds": time.perf_counter() - started})))


def answer_once(snapshot: Snapshot) -> None:
    """Run one small query of every kind on a district."""
    snapshot.times(DEFAULT_PROFILE)
    engine, network = snapshot.what_if(DEFAULT_PROFILE), snapshot.network(DEFAULT_PROFILE)
    category = snapshot.standard.categories[0].id
    pairs_within(snapshot.snapped(DEFAULT_PROFILE), category=category, limit_s=60.0)
    building = str(snapshot.layers.buildings["building_id"].iloc[0])
    explain(engine, building, category, minutes=DEFAULT_MINUTES, remedies=False)
    points = snapshot.layers.service_points["point_id"]
    engine.scenario([ClosePoint(str(point)) for point in points[:1]])
    if len(network.geometry):
        engine.scenario([CloseStreet(int(network.edge_id[0]))])
        place = network.geometry[0].interpolate(0.5, normalized=True)
        around = shapely.get_coordinates(place)[0]
        snapshot.isochrones(DEFAULT_PROFILE).around(around, [1])
