"""Help and errors of the command line's library in Chinese; its English is left as it is."""

import re
from typing import Any, Final

import typer

from api.console.output import say
from geo.messages import Message, language

USAGE_ERROR: Final[Any] = typer.BadParameter.__bases__[0]
"""What the library raises for a call that does not fit the command."""

EXIT_CODE: Final = 2

FLOORS: Final = "--floors"
"""An option that people expect of more commands than have it; the others say which do."""

_TERMS: Final = {
    r"^Usage: ": "用法：",
    r"^Options:$": "选项：",
    r"^Arguments:$": "参数：",
    r"^Commands:$": "命令：",
    r"\[OPTIONS\]": "[选项]",
    r"\bCOMMAND \[ARGS\]\.\.\.": "命令 [参数]...",
    r"Show this message and exit\.": "显示本帮助并退出。",
    r"\[required\]": "[必填]",
    r"\[default: ": "[默认：",
    r"; required\]": "；必填]",
}
_NO_COMMAND: Final = re.compile(r"No such command '([^']*)'")
_EXTRA: Final = re.compile(r"Got unexpected extra argument\(?s?\)? \((.*)\)")


_KINDS: Final = {"float": "console.number", "integer": "console.whole_number"}
"""Kinds of values that the library names, as a reader calls them."""


def help_in_language(text: str) -> str:
    """Return a help page with the library's own terms in the language spoken at present."""
    if language() == "zh":
        for english, chinese in _TERMS.items():
            text = re.sub(english, chinese, text, flags=re.MULTILINE)
    return text


def print_usage_error(error: Any) -> None:  # noqa: ANN401 - of the library's own classes
    """Print how a call fails to fit its command, in Chinese."""
    if error.ctx is not None:
        say(help_in_language(error.ctx.get_usage()))
        say(Message("console.see_help", {"command": error.ctx.command_path}).text())
    say(_meaning(error).text())


def _meaning(error: Any) -> Message:  # noqa: ANN401 - of the library's own classes
    kind, parameter = type(error).__name__, getattr(error, "param", None)
    if kind == "NoSuchOption" and error.option_name == FLOORS:
        return Message("parameters.floors_elsewhere")
    if kind == "NoSuchOption":
        return Message("console.no_option", {"option": error.option_name})
    if kind == "MissingParameter" and parameter is not None:
        return Message("console.missing", {"name": parameter.get_error_hint()})
    if isinstance(error, typer.BadParameter) and parameter is not None:
        kind = parameter.display_type(error.ctx).strip("<>").replace("|", "、")
        wanted = Message(_KINDS[kind]) if kind in _KINDS else kind
        return Message("console.bad", {"name": parameter.get_error_hint(), "wanted": wanted})
    for pattern, code in ((_NO_COMMAND, "console.no_command"), (_EXTRA, "console.extra")):
        if found := pattern.search(error.message):
            return Message(code, {"got": found[1]})
    return Message("console.usage", {"fault": error.message})
