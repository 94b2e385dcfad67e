"""Options that several commands share, and what they mean."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.settings import Settings, help_for, read_settings
from geo.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from api.snapshot import Snapshot
    from api.snapshots import Snapshots
    from api.views import Json

CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help="Code of the district.")]
DistrictOption = Annotated[
    str, typer.Option("--district", metavar="CODE", help="Code of the district.")
]
DbOption = Annotated[str | None, typer.Option("--db", metavar="FILE", help=help_for("db"))]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
MinutesOption = Annotated[
    float, typer.Option("--minutes", help="Threshold in minutes, 1 to 120, inclusive.")
]
ProfileOption = Annotated[
    str, typer.Option("--profile", help="Walker: adult, elderly, wheelchair, pram.")
]
LevelOption = Annotated[
    Literal["small", "medium", "large"], typer.Option("--level", help="Level of grid.")
]
CategoryOption = Annotated[
    str | None, typer.Option("--category", help="One category; every category when left out.")
]
OneCategoryOption = Annotated[str, typer.Option("--category", help="Category of the standard.")]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="Local time, 2026-11-24T22:00 or 'Tu 22:00': gates closed then by their opening hours "
        "count as closed.",
    ),
]
LangOption = Annotated[Literal["zh", "en"], typer.Option("--lang", help="Language.")]
StandardOption = Annotated[
    str | None, typer.Option("--standard", metavar="ID|FILE", help=help_for("standard"))
]


def settings_for(ctx: typer.Context, **given: object) -> Settings:
    """Return the settings: options of the command, then the global ones, then the environment."""
    everywhere = ctx.find_root().params
    if given.get("db") is None:
        given["db"] = everywhere.get("db")
    return read_settings(**given)


def check_minutes(minutes: float) -> float:
    """Return `minutes` if they are a threshold; raise `InputError` otherwise."""
    if not 1 <= minutes <= 120:  # noqa: PLR2004 - as the help says
        raise InputError(f"Got --minutes {minutes:g}; wanted a number from 1 to 120.")
    return minutes


def snapshots_of(settings: Settings) -> "Snapshots":
    """Return the snapshots of the database that `settings` name."""
    from api.app import open_snapshots  # noqa: PLC0415 - heavy

    return open_snapshots(settings)


def snapshot_of(ctx: typer.Context, code: str, **given: object) -> "Snapshot":
    """Return one district, ready to answer.

    Raises
    ------
    NotFoundError
        If there is no such database or district.
    """
    return snapshots_of(settings_for(ctx, **given)).current(code)


def snapshot_at(
    ctx: typer.Context, code: str, at: str | None, **given: object
) -> "tuple[Snapshot, Json | None]":
    """Return one district as of a time, and what an answer says of it (:mod:`api.gate_hours`).

    Raises
    ------
    InputError
        If the time cannot be read.
    NotFoundError
        If there is no such database or district.
    """
    from api.gate_hours import at_moment  # noqa: PLC0415 - heavy
    from boundaries.hours import parse_moment  # noqa: PLC0415 - heavy

    moment = None if at is None else parse_moment(at)
    return at_moment(snapshot_of(ctx, code, **given), moment)


def existing_file(path: Path) -> Path:
    """Return `path` if it is a file; raise `NotFoundError` otherwise."""
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}; wanted one to read. Check the path.")
    return path
