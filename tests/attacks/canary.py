"""A file and an address that nobody may read, and which tell if somebody did."""

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SECRET = "canary-3f9c"  # noqa: S105 - a word
"""What both say: it must not come out anywhere."""

_IN_ACCESS, _IN_OPEN = 0x1, 0x20
_LIBC = ctypes.CDLL(None, use_errno=True)


def _points(name: str) -> str:
    feature = (
        '{"type":"Feature","properties":{"name":"%s","category":"medical","households":5,"code":'
        '"371602001001"},"geometry":{"type":"Point","coordinates":[118.0021,37.3802]}}'
    )
    return '{"type":"FeatureCollection","features":[' + feature % name + "]}"


@dataclass
class Canary:
    """A readable district file and a server that gives it, watched.

    Attributes
    ----------
    path : Path
        GeoJSON that any reader would take.
    url : str
        Address on loopback at which it is served.
    """

    path: Path
    url: str
    asked: list[str] = field(default_factory=list)
    _watch: int = -1

    def watch(self, *paths: Path) -> None:
        """Notice from now on, in whichever process, when one of the files is opened or read."""
        self._watch = _LIBC.inotify_init1(os.O_NONBLOCK)
        for path in paths:
            mask = _IN_ACCESS | _IN_OPEN
            assert _LIBC.inotify_add_watch(self._watch, os.fsencode(path), mask) >= 0

    def untouched(self) -> bool:
        """Return whether nobody opened a file or asked the server."""
        try:
            events = os.read(self._watch, 4096)
        except BlockingIOError:
            events = b""
        return not events and not self.asked


@contextmanager
def canary(folder: Path) -> Iterator[Canary]:
    """Put a canary into a folder while the block runs."""
    path = folder / "secret.geojson"
    path.write_text(_points(SECRET), "utf-8")
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(_points(SECRET).encode())

        do_HEAD = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    made = Canary(path, f"http://127.0.0.1:{server.server_port}/secret.geojson", asked)
    made.watch(path)
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        os.close(made._watch)
