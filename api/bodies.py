"""The body of a POST request, read no further than the service accepts."""

from typing import Annotated

from fastapi import Depends, Request

from api.problems import TooLargeError
from api.service import Serving


async def _body(request: Request, service: Serving) -> bytes:
    limit = service.settings.max_body_bytes
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLargeError(
                f"The body is larger than {limit} bytes; wanted less. Send it in parts."
            )
        parts.append(part)
    return b"".join(parts)


Body = Annotated[bytes, Depends(_body)]
"""The bytes that were sent; `TooLargeError` where there are more than the settings allow."""
