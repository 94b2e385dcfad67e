"""The command line in Chinese: help, errors of a call, and no line of help that is cut."""

import re

import pytest
from typer.testing import CliRunner

from api.cli.main import COMMANDS, GROUPS, app
from api.documentation import HELP, chinese, on_one_line
from api.settings import settings_table
from geo.messages import language

ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b")
LONGEST = 60
runner = CliRunner()


def shown(*words: str) -> str:
    """Return what a call prints."""
    return runner.invoke(app, list(words)).output


@pytest.mark.parametrize("command", ["", *GROUPS, *COMMANDS])
def test_help_is_told_in_chinese(command):
    page = shown(*command.split(), "--help", "--lang", "zh")
    assert page.startswith("用法：")
    sentences = [
        line for line in page.splitlines() if not line.startswith("用法") and ENGLISH.search(line)
    ]
    assert sentences == []


def test_nothing_is_translated_in_vain():
    pages = on_one_line(
        " ".join(shown(*command.split(), "--help") for command in ["", *GROUPS, *COMMANDS])
    )
    told = re.sub(r"\s", "", pages + " ".join(row.help for row in settings_table()))
    assert [text for text in chinese(HELP) if re.sub(r"\s", "", text) not in told] == []


def test_every_setting_is_told_in_chinese():
    assert [row.variable for row in settings_table() if row.help not in chinese(HELP)] == []


@pytest.mark.parametrize("group", ["", *GROUPS])
def test_no_line_about_a_command_is_cut(group):
    lines = shown(*group.split(), "--help").split("Commands:")[1].splitlines()[1:]
    texts = [line.split("  ")[-1] for line in lines]
    assert [text for text in texts if text.endswith("...") or len(text) > LONGEST] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("gaps 1 --foo", "没有选项 --foo。"),
        ("gaps", "缺少 'CODE'。"),
        ("gapss", "没有命令“gapss”。"),
        ("gaps 1 2 3", "多余的参数：2 3。"),
        ("gaps 1 --level x", "应为：small、medium、large。"),
        ("gaps 1 --minutes x", "应为：数，例如 15。"),
    ],
)
def test_a_call_that_does_not_fit_is_told_in_chinese(words, told):
    answer = runner.invoke(app, ["--lang", "zh", *words.split()])
    assert answer.exit_code == 2
    assert told in answer.output


def test_the_language_stands_anywhere_and_ends_with_the_call():
    assert "有误" not in shown("--lang=fr")
    assert runner.invoke(app, ["--lang=fr"]).exit_code == 2
    assert shown("walk", "--lang", "zh", "--help").startswith("用法：")
    assert language() == "en"


def test_the_terminal_has_a_language(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert shown("--help").startswith("用法：")
    assert shown("--lang", "en", "--help").startswith("Usage:")
