"""uvicorn, as Lifecircle runs it."""

import os
from collections.abc import Callable
from typing import Any, Final

import uvicorn

from api.server.connections import ConnectionLimits, Connections
from api.settings import Settings
from boundaries.store.open import secrets_of as address_secrets

GRACE_S: Final = 3
"""What a stopping service leaves to running requests, seconds."""


def secrets_of(settings: Settings) -> list[str]:
    """Return what no line of the log may hold."""
    given = os.environ.get("PGPASSWORD", "")
    return [*address_secrets(settings.db), given, settings.oidc_client_secret]


def server_config(
    app: Callable[..., Any], settings: Settings, *, lifespan: bool = True, factory: bool = False
) -> uvicorn.Config:
    """Return the configuration of a server of `app`.

    Parameters
    ----------
    app : ASGI application
    settings : Settings
    lifespan : bool, default True
        Whether the application is told when it starts and stops.
    factory : bool, default False
        Whether `app` is a function that makes it, in each of the settings' worker processes.
    """
    connections: Any = Connections(ConnectionLimits.of(settings))
    return uvicorn.Config(
        app,
        http=connections,
        ws="none",
        lifespan="on" if lifespan else "off",
        log_config=None,
        log_level="warning",
        access_log=False,  # api.ingress.request_log
        proxy_headers=False,  # api.ingress.hosts
        server_header=False,
        root_path=settings.root_path,
        timeout_graceful_shutdown=GRACE_S,
        factory=factory,
        workers=settings.workers if factory else 1,
    )
