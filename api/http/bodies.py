"""The body of a POST request, read no further than the service accepts."""

from typing import Annotated

from fastapi import Depends, Request

from api.errors import TooLargeError
from api.http.dependencies import Serving


async def read_body(request: Request, *, limit: int, advice: str = "Send it in parts.") -> bytes:
    """Return the body of a request.

    Raises
    ------
    TooLargeError
        If it has more than `limit` bytes; the message ends with `advice`.
    """
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLargeError(f"The body is larger than {limit} bytes; wanted less. {advice}")
        parts.append(part)
    return b"".join(parts)


async def _body(request: Request, service: Serving) -> bytes:
    return await read_body(request, limit=service.settings.max_body_bytes)


Body = Annotated[bytes, Depends(_body)]
"""The bytes that were sent; `TooLargeError` where there are more than the settings allow."""
