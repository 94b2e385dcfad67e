"""The body of a POST request, no larger than :mod:`api.http.limits.body_limits` lets in."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute

from api.formats.json import read_json
from geo.messages import Message

_DOCUMENTED = Message("body.documented_members")


async def _body(request: Request) -> bytes:
    return await request.body()


class JsonBodyRoute(APIRoute):
    """A route whose model FastAPI reads from the body: nested only so deep."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which gets a body that was checked before."""
        handler = super().get_route_handler()
        if self.body_field is None:
            return handler

        async def handle(request: Request) -> Response:
            body = await request.body()
            read_json(body or b"null", wanted=_DOCUMENTED)
            return await handler(request)

        return handle


Body = Annotated[bytes, Depends(_body)]
"""The bytes that were sent."""
