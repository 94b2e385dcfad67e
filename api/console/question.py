"""The options by which a command is asked a :class:`api.parameters.CoverageQuestion`."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.asking import Door
from api.console.options import (
    AsOfOption,
    AtOption,
    MinutesOption,
    ProfileOption,
    check_minutes,
    moment_of,
    settings_for,
    snapshots_of,
)

if TYPE_CHECKING:
    from api.parameters import CoverageQuestion
    from api.snapshot.district import Snapshot

_OwnPointsOption = Annotated[
    bool,
    typer.Option(
        "--own-points", help="Count service points inside the district, not of neighbours."
    ),
]


def _question(
    *,
    minutes: float = 15,
    profile: str,
    at: str | None = None,
    as_of: str | None = None,
    own_points: bool = False,
) -> "CoverageQuestion":
    from api.parameters import CoverageQuestion  # noqa: PLC0415 - heavy
    from boundaries.readers.opening_hours import parse_moment  # noqa: PLC0415 - heavy

    check_minutes(minutes)
    if at is not None:
        parse_moment(at)
    return CoverageQuestion(minutes, profile, own_points, at, moment_of(as_of))


COMMAND_LINE: Final = Door(
    {
        "minutes": (MinutesOption, 15),
        "profile": (ProfileOption, "adult"),
        "at": (AtOption, None),
        "as_of": (AsOfOption, None),
        "own_points": (_OwnPointsOption, False),
    },
    _question,
)
WALKER: Final = ("profile", "at", "as_of")
THRESHOLD: Final = ("minutes", *WALKER)
POINTS: Final = (*THRESHOLD, "own_points")
"""Members that commands take: of a walk, of a threshold, of coverage."""


def snapshot_for(
    ctx: typer.Context, code: str, question: "CoverageQuestion", **given: object
) -> "Snapshot":
    """Return the district of a question, ready to answer; `given` are settings.

    Raises
    ------
    NotFoundError
        If there is no such database or district, or was none then.
    """
    return snapshots_of(settings_for(ctx, **given)).current(code, question.as_of)
