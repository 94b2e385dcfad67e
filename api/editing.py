"""Who may change things through HTTP, and who says to do it."""

from typing import Annotated, Final

from fastapi import Depends, Request

from api.problems import ReadOnlyError
from api.service import Serving

ACTOR_HEADER: Final = "Lifecircle-Actor"
"""Header in which a caller says who it is, UTF-8; nobody checks it yet."""

_LONGEST: Final = 200


def _editable(service: Serving) -> None:
    if not service.settings.editable:
        raise ReadOnlyError(
            "This service only answers; wanted one that takes changes. Start it with "
            "LIFECIRCLE_EDITABLE=true, or use the command line."
        )


def _actor(request: Request) -> str:
    given = request.headers.get(ACTOR_HEADER, "")
    return given.encode("latin-1", "replace").decode("utf-8", "replace").strip()[:_LONGEST]


Editable = Depends(_editable)
"""A route with it answers only where the settings allow changes, else as `ReadOnlyError`."""

Actor = Annotated[str, Depends(_actor)]
"""Who asks, as the caller says; empty where it does not."""
