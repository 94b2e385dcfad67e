"""How tests wait for what must come, however slow the machine is."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 300
"""When a wait is called a hang; no measure of speed."""


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Wait until `holds` is true; `what` is said if it never is."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)
