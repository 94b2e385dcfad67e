"""Templates of routes, by which log and metrics name requests: few, whatever the paths are."""

import re
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import Final

_REMEMBERED: Final = 4_096
_PARAMETER: Final = re.compile(r"\\\{(\w+)\\\}")
"""A parameter in an escaped template."""

_WITH_SLASHES: Final = ("key", "file")
"""Parameters that may hold slashes."""


class RouteTemplates:
    """The templates of an application.

    Parameters
    ----------
    templates : callable
        Returns them all; called once, when the first request is over.

    Examples
    --------
    >>> RouteTemplates(lambda: ["/districts/{code}", "/static/{file}"]).of("/districts/371602")
    '/districts/{code}'
    """

    def __init__(self, templates: Callable[[], Iterable[str]]) -> None:
        self._all = templates
        self.of = lru_cache(_REMEMBERED)(self._of)

    def _of(self, path: str) -> str:
        """Return the template that a path fits; empty if it fits none."""
        return next((each for each, pattern in self._patterns if pattern.fullmatch(path)), "")

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """The templates with their patterns; those with the fewest parameters first."""
        ordered = sorted(self._all(), key=lambda each: (each.count("{"), -len(each)))
        return [(each, re.compile(_PARAMETER.sub(_part, re.escape(each)))) for each in ordered]


def _part(parameter: re.Match[str]) -> str:
    return ".+" if parameter[1] in _WITH_SLASHES else "[^/]+"
