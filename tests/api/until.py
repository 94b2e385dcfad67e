"""Ask about a job until it is where a test wants it."""

import time
from collections.abc import Callable

import httpx

from tests.waiting import PATIENCE_S

LIVE = {"queued", "running"}


def over(found: dict) -> bool:
    """Return whether a job is over."""
    return found["state"] not in LIVE


def until(client: httpx.Client, job: str, stop: Callable[[dict], bool]) -> dict:
    """Ask about a job until `stop` holds."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = client.get(f"/jobs/{job}").json()
        if stop(found):
            return found
        time.sleep(0.05)
    raise AssertionError(found)
