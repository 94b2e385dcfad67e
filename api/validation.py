"""What a model wanted of a value, as a message: pydantic's own words are English only."""

import re
from collections.abc import Mapping
from typing import Any, Final

from api.errors import shown
from geo.messages import Message

_WANTED: Final[Mapping[str, str]] = {
    "int": "validation.integer",
    "float": "validation.number",
    "finite_number": "validation.finite",
    "decimal": "validation.number",
    "bool": "validation.boolean",
    "string": "validation.text",
    "list": "validation.list",
    "tuple": "validation.list",
    "dict": "validation.object",
    "model": "validation.object",
    "dataclass": "validation.object",
    "none_required": "validation.null",
}
"""What is wanted, by the type of the error or the type's first words."""

_BOUNDED: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than_equal": ("validation.at_least", "ge"),
    "greater_than": ("validation.more_than", "gt"),
    "less_than_equal": ("validation.at_most", "le"),
    "less_than": ("validation.less_than", "lt"),
    "string_too_short": ("validation.signs_at_least", "min_length"),
    "string_too_long": ("validation.signs_at_most", "max_length"),
    "too_short": ("validation.items_at_least", "min_length"),
    "too_long": ("validation.items_at_most", "max_length"),
    "string_pattern_mismatch": ("validation.pattern", "pattern"),
    "union_tag_not_found": ("validation.with_member", "discriminator"),
}
"""What is wanted, and which value of the context it names, by the type of the error."""

_CHOICES: Final = {
    "enum": "expected",
    "literal_error": "expected",
    "union_tag_invalid": "expected_tags",
}


def wanted_of(fault: Mapping[str, Any]) -> Message:
    """Return what was wanted of the value of one error of a pydantic ``ValidationError``.

    Examples
    --------
    >>> str(wanted_of({"type": "int_parsing"}))
    'a whole number'
    >>> choices = {"type": "enum", "ctx": {"expected": "'zh' or 'en'"}}
    >>> wanted_of(choices).text("zh")
    'zh、en 之一'
    """
    kind, context = str(fault["type"]), fault.get("ctx", {})
    if kind in _CHOICES:
        return Message("validation.one_of", {"known": _choices(str(context[_CHOICES[kind]]))})
    if kind in _BOUNDED:
        code, name = _BOUNDED[kind]
        return Message(code, {"bound": context[name]})
    if kind == "extra_forbidden":
        return Message("validation.no_such_member")
    code = _WANTED.get(kind) or _WANTED.get(kind.split("_", maxsplit=1)[0], "validation.documented")
    return Message(code)


def _choices(expected: str) -> list[str]:
    """Return the words of a list as pydantic writes it."""
    return re.findall(r"'([^']*)'", expected) or re.split(r", | or ", expected)


def fault_of(fault: Mapping[str, Any]) -> Message:
    """Return one error of a pydantic ``ValidationError`` as a sentence."""
    name = fault["loc"][-1] if fault["loc"] else "body"
    if fault["type"] == "missing":
        return Message("validation.missing", {"name": name})
    got = {"name": name, "got": shown(fault["input"]), "wanted": wanted_of(fault)}
    return Message("validation.wrong", got)
