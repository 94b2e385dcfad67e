"""Transformations fitted to control points: of a local plane, and of an old geodetic datum.

A city's own coordinates are a plane: four parameters (shift, rotation, scale) lead to the zone of
CGCS2000. Those of an old datum lead to it by seven, between geocentric coordinates (EPSG:9606,
position vector). Both are fitted by least squares. A point that was mistyped is told by fitting
without it: the others then agree.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from geo.arrays import BoolArray, FloatArray
from geo.errors import InputError

FEWEST_OF_PLANE: Final = 3
"""Points of a plane: two would fit, and show no fault."""

FEWEST_OF_SPACE: Final = 4
"""Points of a datum: three would nearly fit, and show no fault."""

LEAST_SPREAD: Final = 0.02
"""How far points must lie beside a line, as a share of how far they lie along it."""

_ARC_SECOND: Final = np.pi / 648_000


class PlaneFit(NamedTuple):
    """Four parameters: ``east = shift_e + a x - b y``, ``north = shift_n + b x + a y``.

    Attributes
    ----------
    a, b : float
        Scale times cosine and sine of the rotation.
    shift_e, shift_n : float
        Metres.
    swapped : bool
        Whether x and y have changed places before: the first one runs north.
    residuals : ndarray of float64, shape (n, 2)
        Fitted less given, metres east and north.
    """

    a: float
    b: float
    shift_e: float
    shift_n: float
    swapped: bool
    residuals: FloatArray

    @property
    def scale(self) -> float:
        """Metres in the target for one unit."""
        return float(np.hypot(self.a, self.b))

    @property
    def rotation_deg(self) -> float:
        """Degrees counterclockwise."""
        return float(np.degrees(np.arctan2(self.b, self.a)))


class SpaceFit(NamedTuple):
    """Seven parameters of a datum, as ``+towgs84`` has them.

    Attributes
    ----------
    parameters : tuple of float
        Shifts in metres, rotations in arc seconds (position vector), scale in parts per million.
    residuals : ndarray of float64, shape (n, 3)
        Fitted less given, metres geocentric.
    """

    parameters: tuple[float, ...]
    residuals: FloatArray


def fit_plane(
    local: npt.ArrayLike, metric: npt.ArrayLike, *, names: Sequence[str], tolerance_m: float
) -> PlaneFit:
    """Fit four parameters to points of a local plane.

    Parameters
    ----------
    local : array_like of float, shape (n, 2)
        x and y; which of them runs north is found out.
    metric : array_like of float, shape (n, 2)
        East and north of the same points, metres.
    names : sequence of str
        Of the points, for messages.
    tolerance_m : float
        Largest residual that is accepted, metres.

    Raises
    ------
    InputError
        If there are fewer than :data:`FEWEST_OF_PLANE` points, they lie on a line, or a residual is
        larger than `tolerance_m`; a point that alone is wrong is named.

    Examples
    --------
    >>> fit = fit_plane([[0, 0], [100, 0], [0, 50]], [[7, 9], [7, 109], [-43, 9]],
    ...                 names="abc", tolerance_m=0.1)
    >>> round(fit.scale, 9), round(fit.rotation_deg, 9), fit.swapped
    (1.0, 90.0, False)
    """
    xy, target = np.asarray(local, dtype=np.float64), np.asarray(metric, dtype=np.float64)
    _check(xy, names, FEWEST_OF_PLANE)

    def as_is(rows: BoolArray) -> PlaneFit:
        return _plane(xy, target, rows, swapped=False)

    def swapped(rows: BoolArray) -> PlaneFit:
        return _plane(xy[:, ::-1], target, rows, swapped=True)

    best = min((as_is, swapped), key=lambda fit: _least_rms(fit, len(xy)))
    return _accepted(best, names, tolerance_m)


def fit_space(
    source: npt.ArrayLike, target: npt.ArrayLike, *, names: Sequence[str], tolerance_m: float
) -> SpaceFit:
    """Fit seven parameters to points in geocentric coordinates.

    Parameters
    ----------
    source, target : array_like of float, shape (n, 3)
        Metres from the centre of the earth, on the old ellipsoid and on that of CGCS2000.
    names, tolerance_m
        As for :func:`fit_plane`.

    Raises
    ------
    InputError
        As :func:`fit_plane`, of :data:`FEWEST_OF_SPACE` points.
    """
    xyz, wanted = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    _check(xyz, names, FEWEST_OF_SPACE)
    return _accepted(lambda rows: _space(xyz, wanted, rows), names, tolerance_m)


_Fitted = TypeVar("_Fitted", PlaneFit, SpaceFit)


def _check(points: FloatArray, names: Sequence[str], fewest: int) -> None:
    """Raise if there are too few points, or they lie on a line."""
    if len(points) < fewest:
        raise InputError("control_points.too_few", n=len(points), fewest=fewest)
    along, beside = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)[:2]
    if beside <= LEAST_SPREAD * along:
        raise InputError("control_points.on_a_line", points=list(names))


def _accepted(
    fit: Callable[[BoolArray], _Fitted], names: Sequence[str], tolerance_m: float
) -> _Fitted:
    """Return the fit to all points, or raise and name the point that alone is wrong."""
    every = np.ones(len(names), dtype=np.bool_)
    found = fit(every)
    metres = _metres(found)
    if metres.max() <= tolerance_m:
        return found
    without = [_metres(fit(_but(row, len(names)))) for row in range(len(names))]
    worst = [float(np.delete(each, row).max()) for row, each in enumerate(without)]
    row = int(np.argmin(worst))
    fewest = FEWEST_OF_PLANE if isinstance(found, PlaneFit) else FEWEST_OF_SPACE
    if len(names) > fewest and worst[row] <= tolerance_m:
        said = {"point": names[row], "metres": float(without[row][row]), "n": len(names) - 1}
        raise InputError("control_points.one_is_off", **said, others=worst[row])
    each = [f"{name} {m:.2f} m" for name, m in zip(names, metres, strict=True)]
    raise InputError("control_points.do_not_fit", tolerance=tolerance_m, each=each)


def _metres(fit: PlaneFit | SpaceFit) -> FloatArray:
    metres: FloatArray = np.linalg.norm(fit.residuals, axis=1)
    return metres


def _but(row: int, n: int) -> BoolArray:
    rows = np.ones(n, dtype=np.bool_)
    rows[row] = False
    return rows


def _least_rms(fit: Callable[[BoolArray], PlaneFit], n: int) -> float:
    """Return how well the points fit, one of them left aside where there are enough."""
    rows = [_but(row, n) for row in range(n)] if n > FEWEST_OF_PLANE else [np.ones(n, np.bool_)]
    return min(float(np.sqrt(np.mean(_metres(fit(each))[each] ** 2))) for each in rows)


def _plane(xy: FloatArray, target: FloatArray, rows: BoolArray, *, swapped: bool) -> PlaneFit:
    """Fit the points of a mask; residuals are those of all points."""
    middle, there = xy[rows].mean(axis=0), target[rows].mean(axis=0)
    x, y = (xy[rows] - middle).T
    east, north = (target[rows] - there).T
    square = float((x * x + y * y).sum())
    a, b = (
        float((x * east + y * north).sum()) / square,
        float((x * north - y * east).sum()) / square,
    )
    off = xy - middle
    turned = np.column_stack([a * off[:, 0] - b * off[:, 1], b * off[:, 0] + a * off[:, 1]])
    shift_e = float(there[0] - (a * middle[0] - b * middle[1]))
    shift_n = float(there[1] - (b * middle[0] + a * middle[1]))
    return PlaneFit(a, b, shift_e, shift_n, swapped, turned + there - target)


def _space(source: FloatArray, target: FloatArray, rows: BoolArray) -> SpaceFit:
    """Fit the points of a mask; residuals are those of all points."""
    middle = source[rows].mean(axis=0)
    size = float(np.abs(source[rows] - middle).max())
    solved = np.linalg.lstsq(
        _design(source[rows] - middle, size), (target - source)[rows].ravel(), rcond=None
    )[0]
    moved = (_design(source - middle, size) @ solved).reshape(-1, 3)
    scale, *turns = solved[3:] / size
    shift = solved[:3] - (_design(middle[None, :], size) @ np.r_[0, 0, 0, solved[3:]])
    seconds = [float(turn / (1.0 + scale) / _ARC_SECOND) for turn in turns]
    parameters = (*map(float, shift), *seconds, float(scale * 1e6))
    return SpaceFit(parameters, source + moved - target)


def _design(xyz: FloatArray, size: float) -> FloatArray:
    """Return the equations of the seven parameters, three for each point."""
    x, y, z = (xyz / size).T
    none = np.zeros_like(x)
    columns = [[x, y, z], [none, -z, y], [z, none, -x], [-y, x, none]]
    turned = [np.column_stack(each).ravel() for each in columns]
    shifts: FloatArray = np.tile(np.eye(3), (len(xyz), 1))
    return np.column_stack([shifts, *turned])
