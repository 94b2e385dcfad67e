"""Who may change things through HTTP, and the actor of a change."""

from typing import Annotated, Final

from fastapi import Depends, Query, Request

from api.errors import ReadOnlyError
from api.http.callers.foreign_pages import is_foreign
from api.http.callers.state import caller_of
from api.http.dependencies import ServiceDep
from api.identity.caller import Known
from api.parameters import DAY_PATTERN, parse_day
from boundaries.store.tables.records import Commit

_LONGEST: Final = 200


def require_editable(request: Request, service: ServiceDep) -> None:
    """Raise `ReadOnlyError` unless the settings, and the page that asks, allow changes."""
    if not service.settings.editable:
        raise ReadOnlyError("http.read_only")
    if is_foreign(request.scope):
        raise ReadOnlyError("http.foreign_page")


def _actor(request: Request, service: ServiceDep) -> str:
    caller = caller_of(request.scope)
    if caller.known is not Known.DEMO:
        return caller.name
    header = service.settings.actor_header
    given = request.headers.get(header, "") if header else ""
    return given.encode("latin-1", "replace").decode("utf-8", "replace").strip()[:_LONGEST]


Editable = Depends(require_editable)
"""A route with it answers only where the settings allow changes, else as `ReadOnlyError`."""

Actor = Annotated[str, Depends(_actor)]
"""Who asks: the account or key; without any, the header that the settings name (UTF-8), which a
proxy sets that has checked it.

Empty where no header is named, or it is not there.
"""


def _commit(
    actor: Actor,
    text: Annotated[
        str | None,
        Query(
            alias="valid_from",
            description="Day as of which the change is true, not to come. When left out it is "
            "today; of an undo of the newest change, the day of that.",
            examples=["2026-03-01"],
            max_length=40,
            json_schema_extra={"pattern": DAY_PATTERN},
        ),
    ] = None,
) -> Commit:
    day = None if text is None else parse_day(text, name="valid_from")
    return Commit(actor=actor, valid_from=day)


CommitDep = Annotated[Commit, Depends(_commit)]
"""What a request does: by whom, and as of which day."""
