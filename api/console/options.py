"""Options that several commands share, and what they mean."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.settings import Settings, help_for, read_settings
from geo.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from datetime import date

    from api.snapshot.cache import Snapshots
    from boundaries.store.interface import Store
    from boundaries.store.rows.read import AsOf


CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help="Code of the district.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="File to read.")]
DistrictOption = Annotated[
    str, typer.Option("--district", metavar="CODE", help="Code of the district.")
]
DbOption = Annotated[str | None, typer.Option("--db", metavar="FILE|URL", help=help_for("db"))]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
MinutesOption = Annotated[
    float, typer.Option("--minutes", help="Threshold in minutes, 1 to 120, inclusive.")
]
TierOption = Annotated[
    Literal["standard"] | None,
    typer.Option(
        "--tier", help="Each category by its own minutes in the standard, instead of --minutes."
    ),
]
ProfileOption = Annotated[
    str, typer.Option("--profile", help="Walker: standard, strict, adult, elderly ...")
]
SpeedOption = Annotated[
    str | None,
    typer.Option(
        "--speed",
        metavar="SPEED",
        help="Walking speed with its unit, '1.1 m/s' or '4 km/h', in place of the walker's.",
    ),
]
ByOption = Annotated[
    Literal["building", "small", "medium", "large", "district"],
    typer.Option("--by", help="What to sum over."),
]
ByGridOption = Annotated[
    Literal["small", "medium", "large", "district"],
    typer.Option("--by", help="What to sum over."),
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
        help="Local time, 2026-11-24T22:00 or 'Tuesday 22:00': gates, ways and service points "
        "closed then do not count.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="REVISION|DAY",
        help="As of a revision (12), or of a day (2026-03-01) by all that is known now.",
    ),
]
CrsOption = Annotated[
    str | None,
    typer.Option(
        "--crs",
        metavar="EPSG:n",
        help="CRS of the file where it does not say; also GCJ-02, BD-09 or local.",
    ),
]
RowsOutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Write the rows to FILE.csv, .geojson, .gpkg or .parquet."),
]
LangOption = Annotated[
    Literal["zh", "en"] | None,
    typer.Option("--lang", help="Language of the call; that of the terminal by default."),
]
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
        raise InputError("console.minutes", got=minutes)
    return minutes


def snapshots_of(ctx: typer.Context, settings: Settings) -> "Snapshots":
    """Return the snapshots of the database that `settings` name; it is closed with the command."""
    from api.snapshot.open import open_snapshots  # noqa: PLC0415 - heavy

    snapshots = open_snapshots(settings)
    ctx.call_on_close(snapshots.store.close)
    return snapshots


def moment_of(as_of: str | None) -> "AsOf | None":
    """Return the revision or day that an option names; raise `InputError` if it is neither."""
    from api.parameters import parse_as_of  # noqa: PLC0415 - heavy

    return None if as_of is None else parse_as_of(as_of, name="--as-of")


def day_of(text: str, *, name: str) -> "date":
    """Return the day that an option names; raise `InputError` if it is none."""
    from api.parameters import parse_day  # noqa: PLC0415 - heavy

    return parse_day(text, name=name)


def actor_of(settings: Settings) -> str:
    """Return who changes things: as the settings say, else the user's account."""
    try:
        return settings.actor or getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return ""


def existing_file(path: Path) -> Path:
    """Return `path` if it is a file, or a geodatabase; raise `NotFoundError` otherwise."""
    if not path.is_file() and not (path.is_dir() and path.suffix.lower() == ".gdb"):
        raise NotFoundError("console.no_file", path=path)
    return path


def store_of(ctx: typer.Context, db: str | None) -> "Store":
    """Return the store that a command works on; it is closed with the command."""
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy

    store = open_store(settings_for(ctx, db=db).db)
    ctx.call_on_close(store.close)
    return store
