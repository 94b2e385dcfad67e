"""Shapes of a district's local systems, for the API document."""

from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.formats.aliases import Json
from api.http.schemas import Shape
from boundaries.imports.control_points import TOLERANCE_M

_POINTS: Final = [
    {"point": "K1", "x": 20512.31, "y": 30180.02, "lon": 118.0021, "lat": 37.3812},
    {"point": "K2", "x": 22871.9, "y": 30401.77, "lon": 118.0287, "lat": 37.3829},
    {"point": "K3", "x": 21040.55, "y": 32016.4, "lon": 118.0083, "lat": 37.3977},
]


class ControlPointIn(BaseModel):
    """A place in the local system and in WGS 84 or CGCS2000."""

    model_config = ConfigDict(extra="forbid")

    point: str = Field(max_length=100, description="Its name.")
    x: float = Field(allow_inf_nan=False, description="In the local system.")
    y: float = Field(allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, description="Degrees.")
    lat: float = Field(ge=-90, le=90, description="Degrees.")
    h: float = Field(default=0.0, allow_inf_nan=False, description="Old height, metres.")
    h2: float = Field(default=0.0, allow_inf_nan=False, description="Height on CGCS2000, metres.")


class ControlPointsIn(BaseModel):
    """Control points of a local system."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="local", max_length=40, description="What imports name by `crs`.")
    crs: str | None = Field(
        default=None,
        max_length=2000,
        description="CRS of an old datum that x and y are in; left out for a plane.",
    )
    tolerance_m: float = Field(
        default=TOLERANCE_M, gt=0, le=100, description="Largest residual that is accepted, metres."
    )
    points: list[ControlPointIn] = Field(max_length=1000)


CONTROL_POINTS_IN: Final[Json] = {"name": "local", "points": _POINTS}


class ControlPointOut(Shape):
    """A control point and how far it is off."""

    point: str
    x: float
    y: float
    lon: float
    lat: float
    h: float | None = Field(default=None, description="Old height, metres.")
    h2: float | None = Field(default=None, description="Height on CGCS2000, metres.")
    residual_m: float


class LocalSystemOut(Shape):
    """A local system as it was fitted."""

    name: str
    kind: Literal["plane", "datum"] = Field(description="Four parameters, or seven of a datum.")
    epsg: int | None = Field(default=None, description="Metric CRS that a plane was fitted to.")
    crs: str | None = Field(default=None, description="CRS of the old datum.")
    parameters: dict[str, Any] = Field(description="As they were fitted.")
    scale: float | None = Field(default=None, description="Metres in one unit of a plane.")
    rotation_deg: float | None = Field(default=None, description="Degrees counterclockwise.")
    largest_m: float = Field(description="Largest residual, metres.")
    rms_m: float = Field(description="Root mean square of the residuals, metres.")
    points: list[ControlPointOut]
    source: str = Field(description="Name of the file; empty if there was none.")


class ControlPointsAnswer(Shape):
    """The local systems of a district."""

    district: str
    revision: int
    systems: list[LocalSystemOut]

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "revision": 5,
        "systems": [
            {
                "name": "local",
                "kind": "plane",
                "epsg": 4548,
                "parameters": {
                    "a": 0.99996,
                    "b": 0.00873,
                    "shift_e": 568_510.2,
                    "shift_n": 4_107_000.9,
                    "swapped": False,
                },
                "scale": 1.0,
                "rotation_deg": 0.5,
                "largest_m": 0.021,
                "rms_m": 0.014,
                "points": [{**point, "residual_m": 0.021} for point in _POINTS],
                "source": "control.csv",
            }
        ],
    }
