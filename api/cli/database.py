"""``lifecircle db``, ``backup`` and ``restore``: the database itself."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from api.console.options import DbOption, JsonOption, actor_of, existing_file, settings_for
from api.console.output import print_json, print_table, print_text, step

ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Take away what is there; else an empty place is wanted.")
]
_ADDRESS = "FILE|URL"


def upgrade(ctx: typer.Context, *, db: DbOption = None) -> None:
    """Make the tables, or bring those of an older Lifecircle up to date."""
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy
    from boundaries.store.tables.layer_tables import SCHEMA_VERSION  # noqa: PLC0415 - heavy

    address = settings_for(ctx, db=db).db
    open_store(address, create=True, upgrade=True).close()
    print_text(f"{place_of(address)} is at schema {SCHEMA_VERSION}.")


def copy(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar=f"FROM ({_ADDRESS})", help="What to copy.")],
    target: Annotated[str, typer.Argument(metavar=f"TO ({_ADDRESS})", help="Where to.")],
    *,
    replace: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Copy everything, also all of the past, into another database: all of it or nothing."""
    from boundaries.admin.copy import copy_store  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

    with (
        closing(open_store(source)) as one,
        closing(open_store(target, create=True)) as other,
        step(f"copying {place_of(source)} to {place_of(target)}"),
    ):
        counts = copy_store(one, other, replace=replace, actor=actor_of(settings_for(ctx)))
    _tell("Rows copied", counts, as_json=as_json)


def check(ctx: typer.Context, *, db: DbOption = None, as_json: JsonOption = False) -> None:
    """Look whether the database is whole; exit code 1 if it is not."""
    from boundaries.admin.check import faults_of  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

    address = settings_for(ctx, db=db).db
    with closing(open_store(address)) as store:
        faults = faults_of(store)
    if as_json:
        print_json({"db": place_of(address), "ok": not faults, "faults": faults})
    else:
        for fault in faults:
            print_text(f"WRONG {fault}")
        if not faults:
            print_text(f"{place_of(address)} is whole.")
    if faults:
        raise typer.Exit(1)


def reader(
    ctx: typer.Context,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="Account of the server.")],
    *,
    db: DbOption = None,
) -> None:
    """Let an account of a PostGIS server read everything and write nothing; make it if needed."""
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy
    from boundaries.store.postgis.store import make_reader  # noqa: PLC0415 - heavy

    with closing(open_store(settings_for(ctx, db=db).db)) as store:
        made = make_reader(store, role)
    print_text(f"{role} may read everything and write nothing.")
    if made:
        print_text(f"It has no password yet; give it one in psql: \\password {role}")


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="GeoPackage file to make.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Write over an older one.")] = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the whole database into one file, also while the service runs."""
    from boundaries.admin.backup import backup_store  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

    address = settings_for(ctx, db=db).db
    with closing(open_store(address)) as store, step(f"backing up {place_of(address)}"):
        size = backup_store(store, file, replace=replace)
    if as_json:
        print_json({"db": place_of(address), "file": str(file), "bytes": size})
    else:
        print_text(f"{file}: {size:,} bytes, checked.")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Backup to put back.")],
    *,
    replace: ReplaceOption = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a backup into the database, all of it or nothing, also while the service runs."""
    from boundaries.admin.backup import restore_store  # noqa: PLC0415 - heavy
    from boundaries.store.open import place_of  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db)
    existing_file(file)
    with step(f"restoring {place_of(settings.db)}"):
        counts = restore_store(file, settings.db, replace=replace, actor=actor_of(settings))
    _tell("Rows restored", counts, as_json=as_json)


def _tell(title: str, counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json({"rows": counts})
        return
    print_table(title, [{"table": name, "rows": n} for name, n in counts.items() if n])
