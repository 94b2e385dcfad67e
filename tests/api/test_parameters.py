"""Places in a query: both numbers in range, and a hint where they look swapped."""

import pytest

from api.errors import ParameterError
from api.parameters import Position, parse_position


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
