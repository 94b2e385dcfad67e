"""Every sentence is there in both languages, is used, and holds the same parameters."""

import re

import pytest

from geo.errors import InputError, StorageFullError
from geo.messages import Message, _Formatter, speaking
from tests.messages.catalogue import calls, constants, english_in, entries, placeholders, topics

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_a_topic_stands_in_one_file():
    assert len(topics()) == len(set(topics()))


def test_every_sentence_is_in_both_languages():
    faults = [
        code
        for code, told in entries().items()
        if set(told) != {"en", "zh"}
        or not (CHINESE.search(told["zh"]) or placeholders(told["zh"]))
        or CHINESE.search(told["en"])
    ]
    assert faults == []


def test_no_chinese_sentence_holds_an_english_one():
    faults = {code: english_in(told["zh"]) for code, told in entries().items()}
    assert {code: found for code, found in faults.items() if found} == {}


def test_both_languages_hold_the_same_parameters():
    faults = [
        code
        for code, told in entries().items()
        if placeholders(told["en"]) != placeholders(told["zh"])
    ]
    assert faults == []


def test_no_sentence_is_missing():
    known = set(entries())
    assert sorted({call.code for call in calls() if call.code} - known) == []


def test_no_sentence_is_unused():
    assert sorted(set(entries()) - constants()) == []


def test_every_call_gives_the_parameters_of_its_sentence():
    added = {"code", "layer"}  # by the class of the error
    faults = [
        call.place
        for call in calls()
        if call.code in entries() and call.given is not None
        if placeholders(entries()[call.code]["en"]) - call.given - added
    ]
    assert faults == []


def test_no_sentence_stands_in_the_code():
    assert [call.place for call in calls() if call.code is None] == []


def test_a_message_is_told_in_the_language_spoken():
    error = InputError("errors.edit_of_list", n=3, fault=Message("errors.storage_full"))
    assert str(error).startswith("Edit 3: There is no room left")
    with speaking("zh"):
        assert str(error).startswith("第 3 项改动：存储空间已满")
    assert StorageFullError.public.text("zh").startswith("存储空间")


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ([], ("", "")),
        (["a"], ("a", "a")),
        (["a", "b"], ("a and b", "a和b")),
        (("a", "b", "c"), ("a, b and c", "a、b和c")),
    ],
)
def test_the_last_of_a_list_comes_after_and(codes, told):
    formatted = [_Formatter(lang).format_field(codes, "and") for lang in ("en", "zh")]
    assert tuple(formatted) == told


@pytest.mark.parametrize(
    "parameter",
    [5, 2.5, "two words", None, ["a", "b"], Message("errors.storage_full"), Message("as it came")],
)
def test_a_message_is_stored_and_read_again(parameter):
    message = Message("errors.edit_of_list", {"n": 1, "fault": parameter})
    assert Message.from_json(message.as_json()) == message
    assert Message.from_json("as it came").text("zh") == "as it came"


@pytest.mark.parametrize("text", ["points.csv", "errors.nothing", "network.gpkg"])
def test_a_text_that_looks_like_a_code_is_told_as_it_is(text):
    assert Message.from_json(text).text("zh") == str(InputError(text)) == text
    assert Message.from_json(text).as_json() == text


def test_words_of_a_file_cannot_break_the_line():
    assert Message("one\ntwo").text() == "one two"
    assert "\u202e" not in str(InputError("errors.edit_of_list", n=1, fault="a\u202eb"))
