"""How many examples a property is tried on: few in the suite, as many as wanted by a setting."""

import os
from typing import Any, Final

from hypothesis import settings

TIMES: Final = float(os.environ.get("LIFECIRCLE_EXAMPLES", "1"))
"""How many times as many as usual; 10 takes an hour."""


def examples(usual: int, **more: Any) -> settings:
    """Return hypothesis' settings of a property that takes a tenth of a second or longer a time.

    Parameters
    ----------
    usual : int
        Examples in the suite. Each run draws others.
    **more : Any
        Further settings.
    """
    return settings(max_examples=max(1, round(usual * TIMES)), deadline=None, **more)
