"""Many lines as coordinates in one array; shapes are made where they are needed."""

from dataclasses import dataclass
from typing import overload

import numpy as np
import shapely

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a network: a quarter of the memory that as many shapes take.

    Attributes
    ----------
    xy : ndarray of float64, shape (c, 2)
        Vertices, line after line, in the CRS of whoever holds the lines.
    first : ndarray of int64, shape (n + 1,)
        Where the vertices of each line begin.

    Examples
    --------
    >>> lines = Lines.of(np.array([shapely.LineString([(0, 0), (3, 4)])]))
    >>> len(lines), lines[0].length, lines.bounds().tolist()
    (1, 5.0, [[0.0, 0.0, 3.0, 4.0]])
    """

    xy: FloatArray
    first: IntArray

    @classmethod
    def of(cls, lines: GeometryArray) -> "Lines":
        """Return LineStrings, none of them empty, as coordinates."""
        count = shapely.get_num_coordinates(lines)
        return cls(shapely.get_coordinates(lines), np.cumsum([0, *count], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.first) - 1

    @overload
    def __getitem__(self, row: int | np.integer) -> shapely.LineString: ...
    @overload
    def __getitem__(self, row: IntArray | BoolArray) -> GeometryArray: ...
    def __getitem__(
        self, row: int | np.integer | IntArray | BoolArray
    ) -> shapely.LineString | GeometryArray:
        """Return one line by its row, or several by theirs."""
        if isinstance(row, np.ndarray):
            wanted = np.arange(len(self))[row]
            lines = [shapely.LineString(self._vertices(int(each))) for each in wanted]
            return np.array([*lines, None], object)[:-1]
        return shapely.LineString(self._vertices(int(row)))

    def ends(self) -> tuple[FloatArray, FloatArray]:
        """Return the first and the last vertex of each line, shape (n, 2)."""
        return self.xy[self.first[:-1]], self.xy[self.first[1:] - 1]

    def bounds(self) -> FloatArray:
        """Return the box around each line, shape (n, 4): xmin, ymin, xmax, ymax."""
        at = self.first[:-1]
        return np.hstack([np.minimum.reduceat(self.xy, at), np.maximum.reduceat(self.xy, at)])

    def total_bounds(self) -> FloatArray:
        """Return the box around all lines; NaN where there are none."""
        if not len(self):
            return np.full(4, np.nan)
        return np.concatenate([self.xy.min(axis=0), self.xy.max(axis=0)])

    def joined(self, others: "Lines") -> "Lines":
        """Return these lines and then the others."""
        if not len(others):
            return self
        first = np.concatenate([self.first, others.first[1:] + self.first[-1]])
        return Lines(np.concatenate([self.xy, others.xy]), first)

    def _vertices(self, row: int) -> FloatArray:
        row = range(len(self))[row]  # checks it, and counts negative ones from the end
        return self.xy[self.first[row] : self.first[row + 1]]
