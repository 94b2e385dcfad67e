"""A synthetic but lifelike Chinese town, made by a seeded generator.

Top down, so that nothing has to be cut afterwards: a warped lattice of streets with two rivers
(`lattice`, `streets`, `rivers`), the superblocks that each street office fills (`settle`, `site`),
parcels (`parcels`, `uses`), courts and buildings (`courts`, `buildings`), walls, gates and lanes
(`lanes`), the walk network (`network`), service points (`services`), the three levels of grids
(`governance`, `cover`, `grids`) and the beats of the service workers (`beats`). The same seed gives
the same bytes.
"""

from boundaries.demo.town.build import build_town
from boundaries.demo.town.governance.offices import Community, StreetOffice

__all__ = ["Community", "StreetOffice", "build_town"]
