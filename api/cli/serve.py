"""``lifecircle serve``: the map and the API."""

import gc
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from api.console.options import DbOption, settings_for
from api.console.output import say
from api.settings import Settings, help_for
from geo.errors import InputError

if TYPE_CHECKING:
    from fastapi import FastAPI


LOOPBACK = ("127.0.0.1", "::1", "localhost")
EditableOption = Annotated[
    bool | None, typer.Option("--editable/--read-only", help=help_for("editable"))
]
HostOption = Annotated[str | None, typer.Option("--host", help=help_for("host"))]
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
    db: DbOption = None,
) -> None:
    """Serve the map and the API until Ctrl+C."""
    from api.app import create_app  # noqa: PLC0415 - heavy

    settings = settings_for(
        ctx, db=db, host=host, port=port, root_path=root_path, editable=editable
    )
    with listen(settings) as listener:
        run(create_app(settings), settings, listener)


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens on the settings' address.

    Raises
    ------
    InputError
        If the address is taken or not ours; before anything expensive is done.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()  # who comes early waits instead of being refused
    except OSError as error:
        listener.close()
        raise InputError(
            f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}); wanted a free "
            "address of this machine. Choose another --port or --host."
        ) from None
    return listener


def run(app: "FastAPI", settings: Settings, listener: socket.socket) -> None:
    """Serve `app` on `listener` until it is told to stop."""
    import uvicorn  # noqa: PLC0415 - heavy

    from api.snapshot.warm_up import warm_up  # noqa: PLC0415 - heavy

    gc.set_threshold(700, 10, 10)  # Python's own again: a service lives long
    port = listener.getsockname()[1]
    if settings.host not in LOOPBACK:
        may = "read and change" if settings.editable else "read"
        say(f"Anyone who reaches this address can {may} everything: there are no accounts yet.")
    say(f"Lifecircle: http://{settings.host}:{port}/ (API: /docs; stop with Ctrl+C)")
    warm_up(app.state.service.snapshots, say)
    config = uvicorn.Config(
        app, log_level="warning", root_path=settings.root_path, timeout_graceful_shutdown=3
    )
    uvicorn.Server(config).run(sockets=[listener])
