"""How many households a grid or a beat should have, and what counting allows."""

from dataclasses import dataclass
from typing import Final

from geo.errors import InputError

MOST: Final = 2**15 - 1
"""What `low` and `high` may add up to: sums of households of a group are kept in 16 bits."""


@dataclass(frozen=True, slots=True)
class Band:
    """Least and most households.

    Attributes
    ----------
    low, high : int
        Both inclusive; 1 <= low <= high, and together no more than :data:`MOST`.
    aim : int
        Households that one is meant for.

    Raises
    ------
    InputError
        If they are out of order, or too many.
    """

    low: int
    high: int
    aim: int

    def __post_init__(self) -> None:
        if not 1 <= self.low <= self.aim <= self.high:
            raise InputError("partition.band", low=self.low, high=self.high, aim=self.aim)
        if self.low + self.high > MOST:
            raise InputError("partition.band_too_large", low=self.low, high=self.high, most=MOST)

    def allows(self, households: int) -> bool:
        """Tell whether this many can be cut into groups in the band.

        Examples
        --------
        >>> [n for n in range(30, 200) if not SMALL_BAND.allows(n)]
        [51, 52, 53, 54, 55, 56, 57, 58, 59]
        """
        return households > 0 and -(-households // self.high) <= households // self.low

    def fewest(self, households: int) -> int:
        """Return the fewest groups of at most `high`."""
        return -(-households // self.high)


SMALL_BAND: Final = Band(30, 50, 40)
"""A residents' group: 30-50 households (the district's document)."""

BEAT_BAND: Final = Band(80, 120, 100)
"""One service worker per 100 households, a fifth more or less."""
