"""A real server on loopback and a client for it: routes are tested through HTTP."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import httpx
import uvicorn
from fastapi import FastAPI

from api.server.config import server_config
from tests.waiting import PATIENCE_S

PLAIN: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak no TLS: `verify=PLAIN` spares each the reading of all authorities."""


@contextmanager
def serving(
    app: FastAPI, *, root_path: str = "", minding_jobs: bool = False
) -> Iterator[httpx.Client]:
    """Serve `app` on a free port while the block runs; yield a client that follows no redirects."""
    with serving_by(app, root_path=root_path, minding_jobs=minding_jobs) as (_, client):
        yield client


@contextmanager
def serving_by(
    app: FastAPI, *, root_path: str = "", minding_jobs: bool = False
) -> Iterator[tuple[uvicorn.Server, httpx.Client]]:
    """Serve `app` as `serving` does; yield the server too."""
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # or each answer waits 40 ms for Nagle
    listener.bind(("127.0.0.1", 0))
    settings = replace(app.state.service.settings, root_path=root_path)
    server = uvicorn.Server(server_config(app, settings, lifespan=minding_jobs))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        port = listener.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        limits = httpx.Limits(keepalive_expiry=1.0)  # sooner than the service, or the two race
        with httpx.Client(
            base_url=address, trust_env=False, timeout=PATIENCE_S, limits=limits, verify=PLAIN
        ) as client:
            yield server, client
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        app.state.service.snapshots.store.close()  # opens again where it is asked again
