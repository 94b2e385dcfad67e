"""An interface folds its own parameters into one question, in the order in which it shows them."""

import asyncio
from inspect import Parameter, signature

from api.asking import Interface
from api.console.question import COMMAND_LINE
from api.http.query_parameters import HTTP

INTERFACE = Interface(
    {"minutes": (float, 15.0), "at": (str, Parameter.empty), "own": (bool, False)}, dict
)


@INTERFACE.asks("at", "minutes")
def ask(code: str, *, by: str, question: dict, last: int = 0) -> tuple:
    """Answer."""
    return code, by, question, last


@INTERFACE.asks("minutes", last=("own",))
async def wait(*, question: dict, by: str = "small") -> tuple:
    return question, by


def test_members_stand_where_the_question_does():
    assert list(signature(ask).parameters) == ["code", "by", "at", "minutes", "last"]
    assert signature(ask).parameters["minutes"].default == 15.0
    assert signature(ask).parameters["at"].default is Parameter.empty
    assert ask.__annotations__ == {
        "code": str, "by": str, "at": str, "minutes": float, "last": int,
    }  # fmt: skip
    assert ask.__doc__ == "Answer."


def test_a_member_may_stand_last():
    assert list(signature(wait).parameters) == ["minutes", "by", "own"]


def test_the_question_is_handed_on_whole():
    assert ask(code="c", by="small", at="now", minutes=5.0, last=1) == (
        "c", "small", {"at": "now", "minutes": 5.0}, 1,
    )  # fmt: skip
    answer = asyncio.run(wait(minutes=5.0, by="large", own=True))
    assert answer == ({"minutes": 5.0, "own": True}, "large")


def test_both_interfaces_know_the_same_members():
    common = {"ctx", "code", "as_of", "standard", "db", "as_json"}  # of every command
    assert set(COMMAND_LINE.members) - common == set(HTTP.members)
