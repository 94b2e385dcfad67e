"""A reader waits its whole time for a writer, whatever happened to another one before."""

from contextlib import ExitStack, suppress

import pytest

from boundaries.store.geopackage import patience
from boundaries.store.geopackage.patience import Patience
from geo.errors import UnavailableError


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(patience, "monotonic", made)
    return made


def wait_in_vain(readers: Patience, clock: Clock, seconds: float) -> None:
    with suppress(UnavailableError), readers.waiting():
        clock.now += seconds
        raise UnavailableError("locked")


def told(readers: Patience) -> float:
    with readers.waiting() as wait_s:
        return wait_s


def test_who_comes_after_somebody_waited_in_vain_waits_as_well(clock):
    readers = Patience(1.5)
    for _ in range(20):
        wait_in_vain(readers, clock, 1.5)
        assert told(readers) == 1.5


def test_of_a_crowd_only_some_wait(clock):
    readers = Patience(1.5)
    with ExitStack() as stack:
        crowd = [stack.enter_context(readers.waiting()) for _ in range(40)]
        assert crowd == [1.5] * 40  # nobody knows yet that it is in vain
        wait_in_vain(readers, clock, 1.5)
        assert told(readers) == 0.0
        clock.now += 1.1
        assert told(readers) == 1.5  # it may be over by now
    wait_in_vain(readers, clock, 1.5)
    assert told(readers) == 1.5


def test_who_gave_up_soon_tells_nothing_to_a_crowd(clock):
    readers = Patience(1.5)
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(readers.waiting())
        wait_in_vain(readers, clock, 0.1)
        assert told(readers) == 1.5
