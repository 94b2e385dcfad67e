"""Islands of the walk network: who lives where no way leads to the rest."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.network.compile import WalkNetwork
from geo.network.snap import Links


def island_report(network: WalkNetwork, links: Links, households: npt.ArrayLike) -> pd.DataFrame:
    """Return the components of the walk network and who is linked to each.

    Two edges are in one component where some chain of edges joins them, whatever their direction.

    Parameters
    ----------
    network : WalkNetwork
    links : Links
        Of n buildings (:func:`geo.network.snap.link`).
    households : array_like of int, shape (n,)

    Returns
    -------
    DataFrame
        One row per component, longest first, so that row 0 is the main network: ``component``,
        ``walkable_m``, ``edges``, ``buildings``, ``households``, and ``share``, the component's
        part of all linked households, 0..1, NaN where there are none.

    Notes
    -----
    O(m + n).
    """
    count = len(network.component_m)
    linked = links.linked
    of_building = network.component[links.edge[linked]]
    here = np.bincount(
        of_building, weights=np.asarray(households, np.float64)[linked], minlength=count
    )
    total = here.sum()
    return pd.DataFrame(
        {
            "component": np.arange(count),
            "walkable_m": network.component_m,
            "edges": np.bincount(network.component, minlength=count),
            "buildings": np.bincount(of_building, minlength=count),
            "households": here.astype(np.int64),
            "share": here / total if total else np.full(count, np.nan),
        }
    )
