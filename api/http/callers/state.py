"""The caller of a request in the state of its ASGI scope, for all that come after the middleware.

``caller`` is a :class:`api.identity.caller.Caller`; ``actor`` its name, for logs and limits;
``audience`` a text that is the same for two callers only if the same answer is made for both, for
caches.
"""

from typing import Any, Final

from starlette.types import Scope

from api.identity.caller import UNKNOWN, Caller

_CALLER: Final = "caller"


def note_caller(scope: Scope, caller: Caller, district: str | None) -> None:
    """Note who makes a request, and of which district."""
    state: dict[str, Any] = scope.setdefault("state", {})
    state[_CALLER] = caller
    state["actor"] = caller.name
    state["audience"] = caller.audience(district)


def caller_of(scope: Scope) -> Caller:
    """Return who makes a request."""
    caller: Caller = scope.get("state", {}).get(_CALLER, UNKNOWN)
    return caller
