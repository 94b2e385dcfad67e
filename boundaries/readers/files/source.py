"""What a reader returns of a file, before columns and coordinates are understood."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt


class Source(NamedTuple):
    """The rows of a file.

    Attributes
    ----------
    frame : GeoDataFrame
        The file's own columns and CRS (None if unknown); geometry missing where there is none or
        it cannot be read.
    closed : ndarray of bool
        Rows with a ring that did not end where it began, and was closed there.
    """

    frame: gpd.GeoDataFrame
    closed: npt.NDArray[np.bool_]
