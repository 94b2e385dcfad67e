"""``lifecircle districts``: which districts a store holds."""

import typer

from api.console.options import DbOption, JsonOption, settings_for, snapshots_of
from api.console.output import print_json, print_table


def print_districts(
    ctx: typer.Context, *, db: DbOption = None, as_json: JsonOption = False
) -> None:
    """List the districts in the database."""
    from api.districts.answers import summary  # noqa: PLC0415 - heavy

    snapshots = snapshots_of(settings_for(ctx, db=db))
    codes = [district.code for district in snapshots.store.districts()]
    rows = [summary(snapshots.current(code)) for code in codes]
    if as_json:
        print_json({"districts": rows})
        return
    shown = [
        {
            "code": row["code"],
            "name": " ".join(dict.fromkeys((row["name_zh"], row["name_en"]))),
            "origin": row["origin"],
            "revision": row["revision"],
            **{name: row["counts"][name] for name in ("small", "buildings", "households")},
        }
        for row in rows
    ]
    print_table("Districts", shown)
