"""Middleware by which every answer is in the language of who asks."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.scope import language_asked
from geo.messages import speaking


class LanguageMiddleware:
    """Let messages be told in the language asked for, and say that the answer depends on it.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        lang = language_asked(scope)

        async def in_language(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Accept-Language")
                headers.setdefault("Content-Language", lang)
            await send(message)

        with speaking(lang):
            await self.app(scope, receive, in_language)
