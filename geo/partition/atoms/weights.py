"""What the search for small grids and beats weighs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """What the search weighs against each other, once every group is in its band.

    Attributes
    ----------
    shape : float
        A small grid's poor shape: 1 / Polsby-Popper beyond that of a square.
    cut : float
        A border between two atoms that no street cuts, between two small grids.
    crossing : tuple of float
        A small grid that reaches across a border, by what lies on it
        (:class:`geo.partition.atoms.cut_lines.Rank`, from `OPEN` to `MAJOR_STREET`).
    beat_shape, beat_cut : float
        The same for beats.
    beat : float
        One worker more.
    """

    shape: float = 8.0
    cut: float = 3.0
    crossing: tuple[float, ...] = (0.0, 0.0, 2.0, 4.0, 8.0, 16.0)
    beat_shape: float = 2.0
    beat_cut: float = 0.3
    beat: float = 250.0
