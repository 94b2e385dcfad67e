"""``lifecircle standard``: the figures of the standard, each with its source."""

from typing import Annotated

import typer

from api.console.options import JsonOption, StandardOption, settings_for
from api.console.output import print_json, print_table, print_text
from api.formats.aliases import Json

TableArgument = Annotated[
    str | None,
    typer.Argument(metavar="TABLE", help="Table behind the standard, as tiers; else itself."),
]


def print_standard(
    ctx: typer.Context,
    table: TableArgument = None,
    *,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the categories and walkers of the standard, or a table behind it, with sources."""
    from api.formats.json import records  # noqa: PLC0415 - heavy
    from boundaries.standards.catalogue import TABLES, load_standard, standard_table  # noqa: PLC0415 - heavy
    from boundaries.standards.json import standard_to_json  # noqa: PLC0415 - heavy

    if table is not None:
        rows = records(standard_table(table))
        if as_json:
            print_json({"table": table, "rows": rows})
        else:
            print_table(table, rows, limit=len(rows))
        return
    chosen = load_standard(settings_for(ctx, standard=standard).standard or None)
    whole = standard_to_json(chosen)
    if as_json:
        print_json({**whole, "tables": TABLES})
        return
    print_text(f"{chosen.id} {chosen.version}: {chosen.zh} {chosen.en}")
    print_table("Categories", [_category(row) for row in whole["categories"]])
    print_table("Walkers", [_profile(row) for row in whole["profiles"]])
    print_text(f"Tables: {', '.join(TABLES)}")


def _category(row: Json) -> Json:
    return {
        "category": row["id"],
        "name": f"{row['zh']} {row['en']}",
        "radius m": row["radius_m"],
        "minutes": row["time_min"],
        "source": row["source"],
        "verified": row["verified"],
    }


def _profile(row: Json) -> Json:
    return {
        "walker": row["id"],
        "name": f"{row['zh']} {row['en']}",
        "speed m/s": row["speed_m_s"],
        "source": row["source"],
        "verified": row["verified"],
    }
