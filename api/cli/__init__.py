"""The command line; it refuses to start if another package shadows one of ours."""

import sys

from api.shadowed_packages import ROOMS, intruder

_FOUND = [sentence for sentence in map(intruder, ROOMS) if sentence]
if _FOUND:
    sys.exit(f"lifecircle: {' '.join(_FOUND)}")
