"""Local systems of a district: the CRS that control points make, and how files name it."""

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyproj
from pyproj.crs import BoundCRS
from pyproj.crs.coordinate_operation import ToWGS84Transformation

from geo.control_points import PlaneFit
from geo.errors import CrsError
from geo.messages import Message
from geo.model.district_settings import parsed_settings
from geo.model.layers import District

SUBJECT: Final = "control_points"
"""Key of a district's settings."""

LOCAL: Final = "local"
"""What names the only local system of a district, and the first if nobody names it."""

_PLANE: Final = """DERIVEDPROJCRS["{name}",BASE{base},
DERIVINGCONVERSION["control points",METHOD["Affine parametric transformation",ID["EPSG",9624]],
PARAMETER["A0",{a0!r},LENGTHUNIT["metre",1]],PARAMETER["A1",{a1!r},SCALEUNIT["coefficient",1]],
PARAMETER["A2",{a2!r},SCALEUNIT["coefficient",1]],PARAMETER["B0",{b0!r},LENGTHUNIT["metre",1]],
PARAMETER["B1",{b1!r},SCALEUNIT["coefficient",1]],PARAMETER["B2",{b2!r},SCALEUNIT["coefficient",1]]],
CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]"""


def plane_crs(name: str, fit: PlaneFit, epsg: int) -> pyproj.CRS:
    """Return the CRS of a local plane: x and y as the control points have them.

    Parameters
    ----------
    name : str
    fit : PlaneFit
        From the plane to the metric CRS `epsg`.
    epsg : int

    Examples
    --------
    >>> import numpy as np
    >>> fit = PlaneFit(1.0, 0.0, 500_000.0, 4_100_000.0, False, np.zeros((3, 2)))
    >>> crs = plane_crs("local", fit, 4548)
    >>> to_zone = pyproj.Transformer.from_crs(crs, 4548, always_xy=True)
    >>> [round(metres, 6) for metres in to_zone.transform(1000.0, 2000.0)]
    [501000.0, 4102000.0]
    """
    base = pyproj.CRS.from_epsg(epsg)
    square = fit.a**2 + fit.b**2
    a, b = fit.a / square, fit.b / square  # from the zone to the plane
    of_x = (-(a * fit.shift_e + b * fit.shift_n), a, b)  # by 1, east, north
    of_y = (-(a * fit.shift_n - b * fit.shift_e), -b, a)
    first, second = (of_y, of_x) if fit.swapped else (of_x, of_y)
    north_first = base.axis_info[0].direction == "north"
    (a0, *a12), (b0, *b12) = first, second
    (a1, a2), (b1, b2) = (a12[::-1], b12[::-1]) if north_first else (a12, b12)
    wkt = base.to_wkt("WKT2_2019")
    text = _PLANE.format(
        name=re.sub(r'["\\]', "", name), base=wkt[: wkt.index(",CS[")] + "]",
        a0=a0, a1=a1, a2=a2, b0=b0, b1=b1, b2=b2,
    )  # fmt: skip
    return pyproj.CRS.from_wkt(text)


def datum_crs(source: pyproj.CRS, parameters: tuple[float, ...]) -> pyproj.CRS:
    """Return a CRS of an old datum with the seven parameters that lead to WGS 84."""
    to_wgs84 = ToWGS84Transformation(source.geodetic_crs, *parameters)
    return BoundCRS(source, "EPSG:4326", to_wgs84)


def stored_systems(district: District) -> dict[str, Mapping[str, Any]]:
    """Return the local systems of a district by name, as its settings have them."""
    return dict(parsed_settings(district.settings).get(SUBJECT, {}))


def stored_crs(name: str, entry: Mapping[str, Any]) -> pyproj.CRS:
    """Return the CRS of a local system as it is stored."""
    given = entry["parameters"]
    if entry["kind"] == "plane":
        fit = PlaneFit(**given, residuals=np.empty((0, 2)))
        return plane_crs(name, fit, int(entry["epsg"]))
    return datum_crs(pyproj.CRS.from_user_input(entry["crs"]), tuple(given["towgs84"]))


def own_crs(
    told: str | int | pyproj.CRS | None, district: District | None
) -> str | int | pyproj.CRS | None:
    """Return the CRS that a name of a district's local system stands for; else what was told.

    Raises
    ------
    CrsError
        If ``local`` is told, and the district has no local system or several others.
    """
    if not isinstance(told, str) or district is None:
        return told
    systems = stored_systems(district)
    name = told.strip()
    if name == LOCAL and name not in systems:
        if len(systems) != 1:
            known = list(systems) or Message("reading.none")
            raise CrsError("reading.no_local_system", district=district.code, known=known)
        (name,) = systems
    return stored_crs(name, systems[name]) if name in systems else told
