"""Answers that are computed once: their bytes, kept by their entity tag under a byte limit."""

import gzip
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cachetools import LRUCache

Header = tuple[bytes, bytes]
"""Name in lower case, and value."""

COMPRESSION_LEVEL: Final = 5
LEAST_COMPRESSED: Final = 1_024
"""Shorter bodies are sent as they are, bytes."""

LONGEST_REQUEST: Final = 2_000
"""Path and query of a request whose answer is kept, characters."""

_TAG_BYTES: Final = 16_000_000
"""What the requests and entity tags that are known may hold."""

_ENTRY_BYTES: Final = 500
"""What an entry holds beside its texts, about."""

_OWN_HEADERS: Final = (b"content-length", b"content-encoding", b"vary")


@dataclass(slots=True)
class Answer:
    """The bytes of an answer, plain and compressed.

    Attributes
    ----------
    etag : str
    headers : tuple of Header
        Without those that depend on compression.
    body : bytes
    packed : bytes or None
        `body` by gzip; None until somebody wants it, and where it is too short.
    """

    etag: str
    headers: tuple[Header, ...]
    body: bytes
    packed: bytes | None = field(default=None, init=False)

    @classmethod
    def made(cls, etag: str, headers: Sequence[Header], body: bytes) -> "Answer":
        """Return the answer of a response as it was made."""
        kept = tuple((name, value) for name, value in headers if name not in _OWN_HEADERS)
        return cls(etag, kept, body)

    @property
    def held_bytes(self) -> int:
        """Return the bytes that it holds."""
        return len(self.body) + len(self.packed or b"") + _ENTRY_BYTES

    @property
    def is_packed(self) -> bool:
        """Return whether the body is compressed, or too short for that."""
        return self.packed is not None or len(self.body) < LEAST_COMPRESSED

    def pack(self) -> None:
        """Compress the body, unless it is compressed already or too short."""
        if not self.is_packed:
            self.packed = gzip.compress(self.body, COMPRESSION_LEVEL, mtime=0)

    def form(self, *, packed: bool) -> tuple[list[Header], bytes]:
        """Return headers and body to send, compressed or plain."""
        headers, body = [*self.headers, (b"vary", b"Accept-Encoding")], self.body
        if packed and self.packed is not None:
            headers.append((b"content-encoding", b"gzip"))
            body = self.packed
        return [*headers, (b"content-length", b"%d" % len(body))], body


class AnswerCache:
    """Answers by their entity tag, and the tags of requests by what fixes them.

    Both hold the most recently used ones. For one event loop: it has no lock.

    Parameters
    ----------
    limit_bytes : int
        What the answers may hold together; 0 keeps none.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._answers: LRUCache[str, Answer] = LRUCache(limit_bytes, lambda each: each.held_bytes)
        self._tags: LRUCache[Hashable, str] = LRUCache(_TAG_BYTES, _tag_bytes)

    @property
    def held_bytes(self) -> int:
        """Return the bytes that the answers hold."""
        return int(self._answers.currsize)

    def __len__(self) -> int:
        return len(self._answers)

    def tag(self, request: Hashable) -> str | None:
        """Return the entity tag of a request's answer, if one was kept."""
        return self._tags.get(request)

    def answer(self, etag: str) -> Answer | None:
        """Return the answer with an entity tag, if it is kept."""
        return self._answers.get(etag)

    def keep(self, request: Hashable, answer: Answer) -> None:
        """Keep the answer of a request, unless it is larger than the limit."""
        self._tags[request] = answer.etag
        self._answers.pop(answer.etag, None)
        if answer.held_bytes <= self._answers.maxsize:
            self._answers[answer.etag] = answer


def _tag_bytes(etag: str) -> int:
    return len(etag) + LONGEST_REQUEST + _ENTRY_BYTES
