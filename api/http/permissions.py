"""Who may change things through HTTP, and the actor of a change."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Query, Request

from api.errors import ReadOnlyError
from api.http.dependencies import Serving
from api.parameters import parse_day
from boundaries.store.tables.records import Deed

_LONGEST: Final = 200


def require_editable(request: Request, service: Serving) -> None:
    """Raise `ReadOnlyError` unless the settings, and the page that asks, allow changes."""
    if not service.settings.editable:
        raise ReadOnlyError(
            "This service only answers; wanted one that takes changes. Start it with "
            "LIFECIRCLE_EDITABLE=true, or use the command line."
        )
    if _is_foreign(request):
        raise ReadOnlyError(
            "The request comes from a page of another site; wanted one of this service, or a "
            "program that is no browser."
        )


def _is_foreign(request: Request) -> bool:
    """Return whether a browser sends a request on behalf of another site (CSRF).

    Otherwise any web page that is open in a browser could change data of a service on the
    same machine.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def _actor(request: Request, service: Serving) -> str:
    header = service.settings.actor_header
    given = request.headers.get(header, "") if header else ""
    return given.encode("latin-1", "replace").decode("utf-8", "replace").strip()[:_LONGEST]


Editable = Depends(require_editable)
"""A route with it answers only where the settings allow changes, else as `ReadOnlyError`."""

Actor = Annotated[str, Depends(_actor)]
"""Who asks, by the header that the settings name: the proxy that sets it has checked it, UTF-8.

Empty where no header is named, or it is not there.
"""


def _deed(
    actor: Actor,
    text: Annotated[
        str | None,
        Query(
            alias="valid_from",
            description="Day as of which the change is true, not to come. When left out it is "
            "today; of an undo, the day of the import.",
            examples=["2026-03-01"],
            max_length=40,
        ),
    ] = None,
) -> Deed:
    day = None if text is None else parse_day(text, name="valid_from")
    return Deed(actor=actor, valid_from=day)


Doing = Annotated[Deed, Depends(_deed)]
"""What a request does: by whom, and as of which day."""
