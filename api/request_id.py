"""Request id: by it an answer is found in the log."""

import re
import secrets
from contextvars import ContextVar
from typing import Final

HEADER: Final = "X-Request-ID"
_SANE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BYTES: Final = 8

current: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that is being answered; empty outside of one."""


def request_id(given: str) -> str:
    """Return the id of a request: what the caller gave, or a new one if that could be anything.

    Examples
    --------
    >>> request_id("from-the-proxy.7")
    'from-the-proxy.7'
    >>> len(request_id("two words"))
    16
    """
    return given if _SANE.fullmatch(given) else secrets.token_hex(_BYTES)
