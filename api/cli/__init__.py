"""The command line; it refuses to start on strangers' packages."""

import sys

from api.shadowed_packages import ROOMS, intruder

_FOUND = [sentence for sentence in map(intruder, ROOMS) if sentence]
if _FOUND:
    sys.exit(f"lifecircle: {' '.join(_FOUND)}")
