"""``lifecircle districts``: which districts a store holds."""

import typer

from api.console.options import DbOption, JsonOption, settings_for, snapshots_of
from api.console.output import print_json, print_table
from api.console.terms import ORIGINS, full_name, term
from geo.messages import Message


def print_districts(
    ctx: typer.Context, *, db: DbOption = None, as_json: JsonOption = False
) -> None:
    """List the districts in the database."""
    from api.districts.answers import summary_row  # noqa: PLC0415 - heavy

    snapshots = snapshots_of(ctx, settings_for(ctx, db=db))
    rows = [summary_row(each) for each in snapshots.summaries(snapshots.store.marks())]
    if as_json:
        print_json({"districts": rows})
        return
    shown = [
        {
            "heads.code": row["code"],
            "heads.name": full_name(row["name_zh"], row["name_en"]),
            "heads.origin": term(row["origin"], ORIGINS),
            "heads.revision": row["revision"],
            "heads.small_grids": row["counts"]["small"],
            "heads.buildings": row["counts"]["buildings"],
            "heads.households": row["counts"]["households"],
        }
        for row in rows
    ]
    print_table(Message("cli_districts.title"), shown)
