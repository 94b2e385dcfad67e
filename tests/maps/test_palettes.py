from itertools import pairwise

import pytest

from maps import palettes


def lightness(colour: str) -> float:
    """Return the CIE 1976 lightness L* (0 .. 100, white) of a colour that is not near black."""
    return 116 * palettes.luminance(colour) ** (1 / 3) - 16


def test_coverage_runs_from_light_to_dark_in_steps_a_grey_print_keeps():
    steps = [lightness(colour) for colour in palettes.COVERAGE]
    assert len(steps) == 5
    assert all(light - dark >= 9 for light, dark in pairwise(steps))


def test_change_runs_from_dark_over_blank_to_dark_on_both_sides():
    steps = [lightness(colour) for colour in palettes.CHANGE]
    lost, gained = steps[:3], steps[3:]
    assert all(dark + 9 <= light for dark, light in pairwise(lost))
    assert all(light - 9 >= dark for light, dark in pairwise(gained))


def test_a_dark_square_stands_out_on_every_class():
    for colour in palettes.COVERAGE:
        assert palettes.contrast(colour, palettes.INK) >= 2.5


def test_the_character_on_a_badge_is_readable():
    for fill in palettes.BADGES:
        assert palettes.contrast(fill, palettes.ink_on(fill)) >= palettes.READABLE


def test_badges_differ_and_repeat_only_after_ten():
    assert len(set(palettes.BADGES)) == 10
    assert palettes.badge_colour(10) == palettes.badge_colour(0)


@pytest.mark.parametrize(
    ("colour", "wanted"), [("#000000", 0.0), ("#ffffff", 1.0), ("#777777", 0.184475)]
)
def test_luminance_of_known_greys(colour, wanted):
    assert palettes.luminance(colour) == pytest.approx(wanted, abs=1e-6)


def test_loads_are_told_apart_in_grey_and_what_is_well_is_lightest():
    light, met, heavy = (lightness(colour) for colour in palettes.LOAD)
    assert met - light >= 15
    assert light - heavy >= 10
