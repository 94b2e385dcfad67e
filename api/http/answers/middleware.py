"""Middleware that answers what was answered before, computes the rest once, and compresses.

Whatever is read of a district is fixed by the entity tag of
:func:`api.http.dependencies.entity_tag`. Such answers are kept
(:class:`api.http.answers.cache.AnswerCache`): a repeated question takes no thread, touches no
geometry and compresses nothing. Only the mark of the district is asked for each time.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.answers.cache import (
    COMPRESSION_LEVEL,
    LEAST_COMPRESSED,
    LONGEST_REQUEST,
    Answer,
    AnswerCache,
)
from api.http.answers.marks import Marks
from api.http.etags import names_tag
from api.http.plan_paths import sent_path
from api.http.scope import DISTRICT_CODE, audience, note_marks, noted_tag
from boundaries.store.interface import Store
from boundaries.store.tables.records import Mark
from geo.errors import LifecircleError
from geo.messages import language

_LIST: Final = "/districts"

_Marked = tuple[tuple[str, Mark], ...]


class _Request(NamedTuple):
    """All that an answer depends on.

    Attributes
    ----------
    path : str
    sent, query : bytes
        Path and query as they were sent: two spellings of a path may mean two things.
    language : str
    audience : str
    marks : tuple
        Of the district that the path names; of all districts where it lists them.
    """

    path: str
    sent: bytes
    query: bytes
    language: str
    audience: str
    marks: _Marked


class AnswersMiddleware:
    """Answer from the cache, or let the application make the answer and keep it.

    Parameters
    ----------
    app : ASGIApp
        Makes answers with all their headers.
    store : Store
    cache : AnswerCache
    """

    def __init__(self, app: ASGIApp, *, store: Store, cache: AnswerCache) -> None:
        self.app = app
        self._marks = Marks(store)
        self._cache = cache
        self._flights: dict[_Request, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        request = await self._request(scope)
        if request is None:
            await _compressing(self.app)(scope, receive, send)
        elif not await self._answered(request, scope, send):
            await self._fly(request, scope, receive, send)

    async def _request(self, scope: Scope) -> _Request | None:
        """Return what the answer depends on; None where that is not districts alone."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path != _LIST and not path.startswith(f"{_LIST}/"):
            return None
        code = None if path == _LIST else path.split("/", 3)[2]
        is_code = code is None or DISTRICT_CODE.fullmatch(code) is not None
        sent, query = sent_path(scope), scope["query_string"]
        if not is_code or len(sent) + len(query) > LONGEST_REQUEST:
            return None
        try:
            marks = await self._marks.of(code)
        except LifecircleError:
            return None  # the route says what is wrong
        note_marks(scope, marks)
        chosen = _chosen(marks, code)
        return _Request(path, sent, query, language(), audience(scope), chosen)

    async def _answered(self, request: _Request, scope: Scope, send: Send) -> bool:
        """Answer a request from the cache; return whether it could be."""
        etag = self._cache.tag(request)
        if etag is None:
            return False
        headers = dict(scope["headers"])
        seen = headers.get(b"if-none-match", b"").decode("latin-1")
        if seen and (seen.strip() == "*" or names_tag(seen, etag)):
            await send(_not_modified(etag))
            await send({"type": "http.response.body"})
            return True
        answer = self._cache.answer(etag)
        if answer is None:
            return False
        if _takes_gzip(headers) and not answer.is_packed:
            await run_in_threadpool(answer.pack)
            self._cache.keep(request, answer)
        await _send(answer, headers, send)
        return True

    async def _fly(self, request: _Request, scope: Scope, receive: Receive, send: Send) -> None:
        """Make an answer, unless the same request is being answered: then wait for that."""
        flight = self._flights.get(request)
        if flight is not None:
            await flight.wait()
            if await self._answered(request, scope, send):
                return
        landed = asyncio.Event()
        leads = self._flights.setdefault(request, landed) is landed

        async def make(scope: Scope, receive: Receive, send: Send) -> None:
            answer = await self._made(request, scope, receive, send)
            landed.set()
            if answer is not None:
                await _send(answer, dict(scope["headers"]), send)

        try:
            await _compressing(make)(scope, receive, send)
        finally:
            landed.set()
            if leads:
                del self._flights[request]

    async def _made(
        self, request: _Request, scope: Scope, receive: Receive, send: Send
    ) -> Answer | None:
        """Let the application answer; return the answer and keep it if its tag fixes it.

        Any other answer is sent as it comes.
        """
        holding = _Holding(scope, send)
        await self.app(scope, receive, holding.send)
        answer = holding.answer
        if answer is not None:
            if _takes_gzip(dict(scope["headers"])):
                await run_in_threadpool(answer.pack)
            if await self._is_current(request):
                self._cache.keep(request, answer)
        return answer

    async def _is_current(self, request: _Request) -> bool:
        """Return whether nothing was committed meanwhile: the answer may be of a later revision."""
        code = None if request.path == _LIST else request.path.split("/", 3)[2]
        try:
            return _chosen(await self._marks.of(code), code) == request.marks
        except LifecircleError:
            return False


class _Holding:
    """The sending side of a response: one that its entity tag fixes is held back whole."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.answer: Answer | None = None
        self._scope = scope
        self._send = send
        self._start: Message | None = None
        self._etag = ""
        self._body: list[bytes] = []

    async def send(self, message: Message) -> None:
        """Hold a message back, or send it."""
        if message["type"] == "http.response.start" and self._is_fixed(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body.append(message.get("body", b""))
            if not message.get("more_body", False):
                body = b"".join(self._body)
                self.answer = Answer.made(self._etag, self._start["headers"], body)

    def _is_fixed(self, start: Message) -> bool:
        etag = noted_tag(self._scope)
        if etag is None or start["status"] != HTTPStatus.OK:
            return False
        self._etag = etag
        names = {name for name, _ in start["headers"]}
        is_own = b"set-cookie" in names  # for one caller alone
        return not is_own and (b"etag", etag.encode("latin-1")) in start["headers"]


def _compressing(app: ASGIApp) -> ASGIApp:
    """Return an application that compresses what `app` has not."""
    return GZipMiddleware(app, minimum_size=LEAST_COMPRESSED, compresslevel=COMPRESSION_LEVEL)


def _chosen(marks: Mapping[str, Mark], code: str | None) -> _Marked:
    if code is None:
        return tuple(sorted(marks.items()))
    return ((code, marks[code]),) if code in marks else ()


def _takes_gzip(headers: Mapping[bytes, bytes]) -> bool:
    return b"gzip" in headers.get(b"accept-encoding", b"")


async def _send(answer: Answer, headers: Mapping[bytes, bytes], send: Send) -> None:
    """Send an answer in the form that the caller takes."""
    sent, body = answer.form(packed=_takes_gzip(headers))
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": sent})
    await send({"type": "http.response.body", "body": body})


def _not_modified(etag: str) -> Message:
    headers = [(b"etag", etag.encode("latin-1")), (b"cache-control", b"no-cache")]
    headers.append((b"vary", b"Accept-Encoding"))
    return {"type": "http.response.start", "status": HTTPStatus.NOT_MODIFIED, "headers": headers}
