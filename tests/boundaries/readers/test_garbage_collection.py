"""Reading leaves Python's search for cycles as it was, whatever happens."""

import gc

import pytest

from boundaries.readers.garbage_collection import collector_paused


@collector_paused()
def fail():
    """Raise, with the search paused."""
    assert not gc.isenabled()
    raise KeyError


@pytest.mark.parametrize("on", [True, False])
def test_it_is_paused_and_then_as_before(on):
    was = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        with pytest.raises(KeyError):
            fail()
        assert gc.isenabled() is on
    finally:
        (gc.enable if was else gc.disable)()
