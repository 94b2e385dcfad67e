"""``lifecircle serve``: the map and the API."""

import gc
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from api.console.options import DbOption, settings_for
from api.console.output import say
from api.identity.reach import LOOPBACK, check_reach, is_open
from api.settings import Settings, help_for
from geo.errors import InputError
from geo.messages import Message

if TYPE_CHECKING:
    from fastapi import FastAPI


EditableOption = Annotated[
    bool | None, typer.Option("--editable/--read-only", help=help_for("editable"))
]
HostOption = Annotated[str | None, typer.Option("--host", help=help_for("host"))]
OpenOption = Annotated[str | None, typer.Option("--open", metavar="read", help=help_for("open"))]
PortOption = Annotated[int | None, typer.Option("--port", help=help_for("port"))]


def serve(
    ctx: typer.Context,
    *,
    host: HostOption = None,
    port: PortOption = None,
    root_path: Annotated[
        str | None, typer.Option("--root-path", help=help_for("root_path"))
    ] = None,
    editable: EditableOption = None,
    open_to: OpenOption = None,
    workers: Annotated[int | None, typer.Option("--workers", help=help_for("workers"))] = None,
    db: DbOption = None,
) -> None:
    """Serve the map and the API until Ctrl+C."""
    from api.app import create_app  # noqa: PLC0415 - heavy

    settings = settings_for(
        ctx,
        db=db,
        host=host,
        port=port,
        root_path=root_path,
        editable=editable,
        open=open_to,
        workers=workers,
    )
    with listen(settings) as listener:
        if settings.workers > 1:
            from api.server.workers import run_workers  # noqa: PLC0415 - heavy

            run_workers(settings, listener, begin)
            return
        app = create_app(settings)
        check_reach(settings, app.state.service.snapshots.store)
        run(app, settings, listener)


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens on the settings' address.

    Raises
    ------
    InputError
        If the address is taken or not ours; before anything expensive is done.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns the algorithm of Nagle off if the protocol is named; else an answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()  # who comes early waits instead of being refused
    except OSError as error:
        listener.close()
        raise InputError(
            "cli_serve.cannot_listen", host=settings.host, port=settings.port, why=error.strerror
        ) from None
    return listener


def run(app: "FastAPI", settings: Settings, listener: socket.socket) -> None:
    """Serve `app` on `listener` until it is told to stop."""
    import uvicorn  # noqa: PLC0415 - heavy

    from api.server.config import server_config  # noqa: PLC0415 - heavy
    from api.snapshot.warm_up import warm_up  # noqa: PLC0415 - heavy

    gc.set_threshold(700, 10, 10)  # Python's own again: a service lives long
    tell = begin(settings, listener)
    warm_up(app.state.service.snapshots, tell)
    app.openapi()  # each request asks it for its parameters
    uvicorn.Server(server_config(app, settings)).run(sockets=[listener])


def begin(settings: Settings, listener: socket.socket) -> Callable[[str], object]:
    """Begin the log and tell where the service is; return what tells further lines."""
    from api.jobs.processes.confinement import hide_from_others  # noqa: PLC0415 - heavy
    from api.logs import configure, teller  # noqa: PLC0415 - heavy
    from api.server.config import secrets_of  # noqa: PLC0415 - heavy

    hide_from_others()
    configure(settings.log_format, secrets=secrets_of(settings))
    tell = teller(settings.log_format, say)
    port = listener.getsockname()[1]
    if settings.host not in LOOPBACK and is_open(settings):
        tell(str(Message("cli_serve.open")))
    tell(str(Message("cli_serve.address", {"host": settings.host, "port": port})))
    return tell
