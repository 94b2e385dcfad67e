"""The command line; it refuses to start if another package shadows one of ours."""

import sys

from api.shadowed_packages import HOME, ROOMS, intruder

_FOUND = [
    f"The package {name} comes from {place}, not from {HOME / name}. Uninstall the intruder, or "
    "give Lifecircle an environment of its own."  # in English: the catalogue may be the one hidden
    for name in ROOMS
    if (place := intruder(name))
]
if _FOUND:
    sys.exit(f"lifecircle: {' '.join(_FOUND)}")
