"""Parameters come out of points as they went in, and a mistyped point is told by its residual."""

import math

import numpy as np
import pytest

from geo.control_points import FEWEST_OF_SPACE, LEAST_SPREAD, fit_plane, fit_space
from geo.errors import InputError

LOCAL = np.array([[1_000, 2_000], [9_000, 2_500], [8_500, 9_900], [1_200, 9_000], [5_000, 5_500.0]])
NAMES = ["K1", "K2", "K3", "K4", "K5"]
SCALE, TURN, EAST, NORTH = 1.000_031, math.radians(1.7), 588_000.0, 4_130_000.0
TOWGS84 = (15.8, -154.4, -82.3, 0.42, -0.31, 0.77, 2.5)


def zone(xy):
    """Return the points in the zone of CGCS2000."""
    a, b = SCALE * math.cos(TURN), SCALE * math.sin(TURN)
    return np.column_stack(
        [EAST + a * xy[:, 0] - b * xy[:, 1], NORTH + b * xy[:, 0] + a * xy[:, 1]]
    )


def moved(xyz):
    """Return geocentric points after seven parameters, as PROJ applies them."""
    shift, (rx, ry, rz), ppm = TOWGS84[:3], np.radians(np.array(TOWGS84[3:6]) / 3600), TOWGS84[6]
    turn = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]])
    return (1 + ppm * 1e-6) * xyz @ turn.T + shift


def geocentric():
    rng = np.random.default_rng(3)
    lon, lat = np.radians(rng.uniform(117, 119, 8)), np.radians(rng.uniform(36, 38, 8))
    radius = 6_371_000 + rng.uniform(0, 900, 8)
    return (
        radius * np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    ).T


@pytest.mark.parametrize("swapped", [False, True])
def test_four_parameters_are_recovered(swapped):
    local = LOCAL[:, ::-1] if swapped else LOCAL
    fit = fit_plane(local, zone(LOCAL), names=NAMES, tolerance_m=0.01)
    assert (fit.scale, fit.rotation_deg) == pytest.approx((SCALE, 1.7), abs=1e-9)
    assert (fit.shift_e, fit.shift_n) == pytest.approx((EAST, NORTH), abs=1e-6)
    assert fit.swapped is swapped
    assert np.abs(fit.residuals).max() < 1e-6


def test_seven_parameters_are_recovered():
    xyz = geocentric()
    fit = fit_space(xyz, moved(xyz), names=list("abcdefgh"), tolerance_m=0.01)
    assert np.abs(fit.residuals).max() < 1e-6
    assert fit.parameters == pytest.approx(TOWGS84, abs=1e-6)


@pytest.mark.parametrize("row", range(5))
def test_a_mistyped_point_is_named(row):
    target = zone(LOCAL)
    target[row, 0] += 10.0
    with pytest.raises(InputError, match=rf"point K{row + 1} is 10\.00 m off what the other 4 say"):
        fit_plane(LOCAL, target, names=NAMES, tolerance_m=0.1)


def test_points_that_do_not_fit_are_refused_with_their_residuals():
    rng = np.random.default_rng(5)
    with pytest.raises(InputError, match=r"do not fit to 0\.50 m: residuals K1 "):
        fit_plane(LOCAL, zone(LOCAL) + rng.normal(0, 20, (5, 2)), names=NAMES, tolerance_m=0.5)


@pytest.mark.parametrize(("n", "refused"), [(2, True), (3, False)])
def test_two_points_are_too_few(n, refused):
    if not refused:
        fit_plane(LOCAL[:n], zone(LOCAL[:n]), names=NAMES[:n], tolerance_m=0.1)
        return
    with pytest.raises(InputError, match="wanted at least 3"):
        fit_plane(LOCAL[:n], zone(LOCAL[:n]), names=NAMES[:n], tolerance_m=0.1)
    few = geocentric()[: FEWEST_OF_SPACE - 1]
    with pytest.raises(InputError, match="wanted at least 4"):
        fit_space(few, few, names="abc", tolerance_m=0.1)


@pytest.mark.parametrize(("share", "refused"), [(0.9, True), (1.1, False)])
def test_points_on_a_line_are_refused(share, refused):
    beside = share * LEAST_SPREAD * 1000 * math.sqrt(2)
    line = np.array(
        [[-1000.0, 0], [1000, 0], [0, beside / math.sqrt(2)], [0, -beside / math.sqrt(2)]]
    )
    if refused:
        with pytest.raises(InputError, match="nearly on one line"):
            fit_plane(line, zone(line), names="abcd", tolerance_m=0.1)
    else:
        fit_plane(line, zone(line), names="abcd", tolerance_m=0.1)
