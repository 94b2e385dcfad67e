"""Shapes take members over from the values that they show."""

from dataclasses import asdict, dataclass

import pytest
from pydantic import ValidationError

from api.http.schemas import ProfileName, Shape
from api.snapshot.profiles import profile_detail
from boundaries.standards.catalogue import load_standard


@dataclass(frozen=True)
class Walked:
    metres: float
    via: frozenset[str] = frozenset()
    secret: str = ""


class WalkedShape(Shape, of=Walked, members={"metres": "On the network.", "via": ""}):
    via: list[str]
    minutes: int


def test_members_come_first_with_the_types_of_the_value():
    schema = WalkedShape.model_json_schema()
    assert schema["properties"] == {
        "metres": {"title": "Metres", "type": "number", "description": "On the network."},
        "via": {"title": "Via", "type": "array", "items": {"type": "string"}},
        "minutes": {"title": "Minutes", "type": "integer"},
    }
    assert schema["required"] == ["metres", "via", "minutes"]  # an answer leaves none out


def test_a_member_that_is_not_named_is_none_of_the_shape():
    whole = {**asdict(Walked(5.0)), "via": [], "minutes": 1}
    with pytest.raises(ValidationError, match="secret"):
        WalkedShape.model_validate(whole)
    del whole["secret"]
    assert WalkedShape.model_validate(whole).model_dump() == whole


def test_a_member_that_the_value_has_not_is_refused():
    with pytest.raises(KeyError, match="feet"):
        type("Wrong", (Shape,), {"__module__": __name__}, of=Walked, members={"feet": ""})


def test_every_walker_of_the_standard_has_the_shape():
    for walker in load_standard().profiles:
        assert ProfileName.model_validate(profile_detail(walker)).model_dump(mode="json")
