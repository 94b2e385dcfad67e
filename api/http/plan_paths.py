"""Paths of a grid plan as a whole, which stand where a grid's code would.

``/grids/check`` is the check of the plan; a grid with the code ``check`` is at ``/grids/%63heck``.
Which one it is, the path says as it was sent.
"""

from typing import Final

from starlette.types import Scope

PLAN_WORDS: Final = frozenset({"check", "completeness", "edits", "repair"})
"""What may follow ``/grids/`` and is not taken for a grid's code."""


def sent_path(scope: Scope) -> bytes:
    """Return the path of a request as it was sent."""
    sent: bytes = scope.get("raw_path") or scope["path"].encode()
    return sent


def names_plan(scope: Scope) -> bool:
    """Return whether the path of a request ends in a word of the plan, written as it is."""
    return any(sent_path(scope).endswith(f"/grids/{word}".encode()) for word in PLAN_WORDS)


def is_of_plan(path: str) -> bool:
    """Return whether the path of a route is one of the plan.

    Examples
    --------
    >>> is_of_plan("/districts/{code}/grids/check"), is_of_plan("/districts/{code}/grids")
    (True, False)
    """
    parent, _, word = path.rpartition("/")
    return parent.endswith("/grids") and word in PLAN_WORDS
