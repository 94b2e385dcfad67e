"""``lifecircle db``, ``backup`` and ``restore``: the database itself."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from api.console.options import DbOption, JsonOption, actor_of, existing_file, settings_for
from api.console.output import print_json, print_table, print_text, step
from geo.messages import Message

ReplaceOption = Annotated[
    bool,
    typer.Option("--replace", help="Replace what is there; without it the place must be empty."),
]
_ADDRESS = "FILE|URL"


def upgrade(ctx: typer.Context, *, db: DbOption = None) -> None:
    """Make the tables, or upgrade those of an older Lifecircle."""
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy
    from boundaries.store.tables.layer_tables import SCHEMA_VERSION  # noqa: PLC0415 - heavy

    address = settings_for(ctx, db=db).db
    open_store(address, create=True, upgrade=True).close()
    made = {"db": place_of(address), "version": SCHEMA_VERSION}
    print_text(Message("cli_db.schema", made))


def copy(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar=f"FROM ({_ADDRESS})", help="Database to copy.")],
    target: Annotated[
        str, typer.Argument(metavar=f"TO ({_ADDRESS})", help="Database to copy into.")
    ],
    *,
    replace: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Copy everything, all history too, into another database."""
    from boundaries.admin.copy import copy_store  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

    places = {"source": place_of(source), "target": place_of(target)}
    with (
        closing(open_store(source)) as one,
        closing(open_store(target, create=True)) as other,
        step(Message("cli_db.copying", places)),
    ):
        counts = copy_store(one, other, replace=replace, actor=actor_of(settings_for(ctx)))
    _print_counts(Message("cli_db.copied"), counts, as_json=as_json)


def check(ctx: typer.Context, *, db: DbOption = None, as_json: JsonOption = False) -> None:
    """Check that the database is whole; exit 1 if it is not."""
    from boundaries.admin.check import faults_of  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

    address = settings_for(ctx, db=db).db
    with closing(open_store(address)) as store:
        faults = faults_of(store)
    if as_json:
        print_json({"db": place_of(address), "ok": not faults, "faults": list(map(str, faults))})
    else:
        for fault in faults:
            print_text(Message("cli_db.wrong", {"fault": fault}))
        if not faults:
            print_text(Message("cli_db.whole", {"db": place_of(address)}))
    if faults:
        raise typer.Exit(1)


def reader(
    ctx: typer.Context,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="Account of the server.")],
    *,
    db: DbOption = None,
) -> None:
    """Let an account of a PostGIS server read everything."""
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy
    from boundaries.store.postgis.store import make_reader  # noqa: PLC0415 - heavy

    with closing(open_store(settings_for(ctx, db=db).db)) as store:
        made = make_reader(store, role)
    print_text(Message("cli_db.may_read", {"role": role}))
    if made:
        print_text(Message("cli_db.no_password", {"role": role}))


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="GeoPackage file to make.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Write over an older one.")] = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back up the whole database into one file."""
    from boundaries.admin.backup import backup_store  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

    address = settings_for(ctx, db=db).db
    doing = step(Message("cli_db.backing_up", {"db": place_of(address)}))
    with closing(open_store(address)) as store, doing:
        size = backup_store(store, file, replace=replace)
    if as_json:
        print_json({"db": place_of(address), "file": str(file), "bytes": size})
    else:
        print_text(Message("cli_db.backed_up", {"file": file, "bytes": size}))


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Backup to restore.")],
    *,
    replace: ReplaceOption = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup, all of it or nothing."""
    from boundaries.admin.backup import restore_store  # noqa: PLC0415 - heavy
    from boundaries.store.open import place_of  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db)
    existing_file(file)
    with step(Message("cli_db.restoring", {"db": place_of(settings.db)})):
        counts = restore_store(file, settings.db, replace=replace, actor=actor_of(settings))
    _print_counts(Message("cli_db.restored"), counts, as_json=as_json)


def _print_counts(title: Message, counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json({"rows": counts})
        return
    rows = [{"heads.table": name, "heads.rows": n} for name, n in counts.items() if n]
    print_table(title, rows)
