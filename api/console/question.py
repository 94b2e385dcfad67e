"""Commands about one district: the question they ask, and the options that all of them have."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from api.asking import Interface
from api.console.notices import print_notices
from api.console.options import (
    AsOfOption,
    AtOption,
    CodeArgument,
    DbOption,
    JsonOption,
    MinutesOption,
    ProfileOption,
    SpeedOption,
    StandardOption,
    TierOption,
    check_minutes,
    moment_of,
    settings_for,
    snapshots_of,
)
from api.console.output import print_json

if TYPE_CHECKING:
    from api.formats.aliases import Json
    from api.parameters import CoverageQuestion
    from api.settings import Settings
    from api.snapshot.cache import Snapshots
    from api.snapshot.district import Snapshot

OwnPointsOption = Annotated[
    bool,
    typer.Option(
        "--own-points", help="Count service points inside the district, not of neighbours."
    ),
]
FloorsOption = Annotated[
    bool,
    typer.Option(
        "--floors", help="Count dwellings by floor, spread evenly, with stairs and lifts."
    ),
]
CrossingsOption = Annotated[
    bool,
    typer.Option(
        "--crossings", help="Cross wide roads only at crossings, signals and junctions, with waits."
    ),
]


@dataclass(frozen=True, slots=True)
class DistrictCommand:
    """A command about one district.

    Attributes
    ----------
    ctx : typer.Context
    code : str
        Of the district.
    question : CoverageQuestion
        Of the options that the command has; the others are at their defaults.
    as_json : bool
    db, standard : str or None
        As given; None for those of the settings.
    """

    ctx: typer.Context
    code: str
    question: "CoverageQuestion"
    as_json: bool
    db: str | None
    standard: str | None = None

    @property
    def settings(self) -> "Settings":
        """The settings that its options make."""
        return settings_for(self.ctx, db=self.db, standard=self.standard)

    @property
    def snapshots(self) -> "Snapshots":
        """The snapshots of its database."""
        return snapshots_of(self.ctx, self.settings)

    def snapshot(self) -> "Snapshot":
        """Return the district, ready to answer, as it is or as it was.

        Raises
        ------
        NotFoundError
            If there is no such database or district, or was none then.
        """
        from api.snapshot.variants import with_walker  # noqa: PLC0415 - heavy

        return with_walker(self.snapshots.current(self.code, self.question.as_of), self.question)

    def print(self, answer: "Json", show: Callable[["Json"], object]) -> None:
        """Print an answer: as JSON, or as `show` prints it, with the notices of its data."""
        answer = self.dated(answer)
        if self.as_json:
            print_json(answer)
        else:
            show(answer)
            print_notices(answer.get("lifecircle", answer))

    def dated(self, answer: "Json") -> "Json":
        """Return an answer with the revision or day that was asked for, if one was."""
        from api.snapshot.provenance import as_of_note  # noqa: PLC0415 - heavy

        note = as_of_note(self.question.as_of)
        if "lifecircle" in answer:
            return {**answer, "lifecircle": {**answer["lifecircle"], **note}}
        return {**answer, **note}


def _command(
    *,
    ctx: typer.Context,
    code: str,
    db: str | None,
    as_json: bool,
    as_of: str | None,
    standard: str | None = None,
    **members: Any,  # noqa: ANN401 - of several types
) -> DistrictCommand:
    from api.parameters import CoverageQuestion, parse_speed  # noqa: PLC0415 - heavy
    from boundaries.readers.opening_hours import parse_moment  # noqa: PLC0415 - heavy

    if "minutes" in members:
        check_minutes(members["minutes"])
    if members.get("at") is not None:
        parse_moment(members["at"])
    if members.get("speed") is not None:
        members["speed"] = parse_speed(members["speed"], name="--speed")
    question = CoverageQuestion(**members, as_of=moment_of(as_of))
    return DistrictCommand(ctx, code, question, as_json, db, standard)


COMMAND_LINE: Final = Interface(
    {
        "ctx": (typer.Context, Parameter.empty),
        "code": (CodeArgument, Parameter.empty),
        "minutes": (MinutesOption, 15),
        "tier": (TierOption, None),
        "profile": (ProfileOption, "standard"),
        "speed": (SpeedOption, None),
        "at": (AtOption, None),
        "as_of": (AsOfOption, None),
        "own_points": (OwnPointsOption, False),
        "floors": (FloorsOption, False),
        "crossings": (CrossingsOption, False),
        "standard": (StandardOption, None),
        "db": (DbOption, None),
        "as_json": (JsonOption, False),
    },
    _command,
    parameter="command",
)
PACE: Final = ("profile", "speed")
WALKER: Final = (*PACE, "at")
THRESHOLD: Final = ("minutes", "tier", *WALKER)
ROADS: Final = (*THRESHOLD, "crossings")
POINTS: Final = (*ROADS, "own_points", "floors")
"""Members that commands take: of a walker, of a walk, of a threshold, of one where wide
roads may part, of coverage."""


def district_command(*members: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Replace the parameter `command` by the code of a district and these options.

    The options behind them are those of every such command: as of when, the standard, the
    database, and JSON. What does not walk has no standard.
    """
    standard = ("standard",) if members else ()
    options = (*members, "as_of", *standard, "db", "as_json")
    return COMMAND_LINE.asks("ctx", "code", last=options)
