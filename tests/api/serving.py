"""A real server on loopback and a client for it: routes are tested through HTTP."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from tests.waiting import PATIENCE_S


@contextmanager
def serving(
    app: FastAPI, *, root_path: str = "", minding_jobs: bool = False
) -> Iterator[httpx.Client]:
    """Serve `app` on a free port while the block runs; yield a client that follows no redirects."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    lifespan = "on" if minding_jobs else "off"
    config = uvicorn.Config(
        app, log_level="critical", ws="none", lifespan=lifespan, root_path=root_path
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        port = listener.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
