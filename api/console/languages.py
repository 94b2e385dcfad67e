"""The language of the command line: as ``--lang`` says, else as the terminal has it."""

import os
from collections.abc import Mapping, Sequence
from typing import Final

from geo.errors import InputError
from geo.messages import DEFAULT_LANGUAGE, LANGUAGES

_OPTION: Final = "--lang"
_LOCALES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Variables that name the language of a terminal, the first that is set counts (POSIX)."""


def terminal_language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of the terminal.

    Examples
    --------
    >>> terminal_language({"LANG": "zh_CN.UTF-8"}), terminal_language({"LC_ALL": "C"})
    ('zh', 'en')
    """
    named = next((environment[name] for name in _LOCALES if environment.get(name)), "")
    lang = named.partition("_")[0].partition(".")[0].lower()
    return lang if lang in LANGUAGES else DEFAULT_LANGUAGE


def split_language(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Return the language of a call, and its arguments without ``--lang``.

    Raises
    ------
    InputError
        If ``--lang`` names no language that there is.

    Examples
    --------
    >>> split_language(["gaps", "--lang", "zh", "371602"])
    ('zh', ['gaps', '371602'])
    """
    lang, rest, words = None, [], iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == _OPTION:
            lang = next(words, "")
        elif word.startswith(f"{_OPTION}="):
            lang = word.partition("=")[2]
        else:
            rest.append(word)
    if lang is not None and lang not in LANGUAGES:
        raise InputError("console.language", got=lang, known=list(LANGUAGES))
    return lang or terminal_language(), rest
