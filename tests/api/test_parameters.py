"""Places in a query, both numbers in range, and a hint where they look swapped; speeds."""

import pytest

from api.errors import ParameterError
from api.parameters import Position, parse_position, parse_speed


@pytest.mark.parametrize("text", ["180,84", "-180,-80", "0,0", "118.0,37.38"])
def test_a_place_on_the_map(text):
    assert parse_position(text, name="to") == Position(*map(float, text.split(",")))


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("37.38,118.0", True),
        ("90,90.001", True),
        ("-90,-90.001", True),
        ("90.001,90.001", False),  # neither way is right
        ("-100,100", False),
        ("10,90", False),  # the pole: right as a latitude, and off the map
        ("10,84.001", False),
        ("10,-80.001", False),
        ("180.001,10", False),
        ("-180.001,10", False),
    ],
)
def test_a_place_off_the_map_and_whether_the_two_look_swapped(text, swapped):
    with pytest.raises(ParameterError, match="which is off the map") as error:
        parse_position(text, name="to")
    assert ("The two look swapped" in str(error.value)) is swapped


@pytest.mark.parametrize(
    ("text", "speed_m_s"),
    [
        ("1.1 m/s", 1.1),
        ("1.1m/s", 1.1),
        ("4 km/h", 4 / 3.6),
        ("3.6 公里/小时", 1.0),
        ("0.2米/秒", 0.2),
    ],
)
def test_a_speed_says_its_unit(text, speed_m_s):
    assert parse_speed(text) == speed_m_s


@pytest.mark.parametrize("text", ["1.1", "4 mph", "km/h", "-1 m/s", "1e0 m/s", "１ m/s", ""])
def test_a_number_without_a_unit_is_no_speed(text):
    with pytest.raises(ParameterError, match="wanted a number with its unit"):
        parse_speed(text)


@pytest.mark.parametrize("text", ["0.19 m/s", "3.01 m/s", "11 km/h", "0 m/s"])
def test_what_nobody_walks_is_refused(text):
    with pytest.raises(ParameterError, match=r"wanted a walk, 0.2 to 3.0 m/s"):
        parse_speed(text, name="--speed")
