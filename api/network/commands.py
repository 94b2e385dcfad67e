"""``lifecircle network``: the parts of the walk network, and what an import mended."""

import typer

from api.console.notices import tell
from api.console.options import (
    AsOfOption,
    CodeArgument,
    DbOption,
    JsonOption,
    ProfileOption,
    moment_of,
    settings_for,
    snapshots_of,
    told_as_of,
)
from api.console.output import percent, print_json, print_table, print_text
from api.formats.aliases import Json


def print_network(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    profile: ProfileOption = "adult",
    as_of: AsOfOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the parts of the walk network: who lives on an island, what an import mended."""
    from api.network.answers import network_answer  # noqa: PLC0415 - heavy

    snapshots = snapshots_of(settings_for(ctx, db=db))
    snapshot = snapshots.current(code, moment_of(as_of))
    result = network_answer(snapshot, snapshots.store.imports(code), profile=profile)
    answer = {**result, **told_as_of(as_of)}
    if as_json:
        print_json(answer)
        return
    rows = [
        {
            "component": row["component"],
            "km": row["walkable_m"] / 1000,
            **{name: row[name] for name in ("edges", "buildings", "households")},
            "share": percent(row["share"]),
        }
        for row in answer["rows"]
    ]
    print_table(f"Walk network ({profile})", rows, limit=10)
    islands, unlinked = answer["islands"], answer["unlinked"]
    print_text(
        f"{answer['components'] - 1} islands: {islands['walkable_m'] / 1000:,.2f} km, "
        f"{islands['households']:,} households, {percent(islands['share'])} of those linked; "
        f"unlinked: {unlinked['households']:,} households in {unlinked['buildings']:,} buildings"
    )
    _print_mended(answer["mended"])
    tell(answer)


def _print_mended(mended: Json | None) -> None:
    if mended is None:
        return
    from api.console.notices import print_named  # noqa: PLC0415 - heavy

    counted = {**mended["repaired"], **mended["notes"]}
    rows = [{"what": what, "count": count} for what, count in counted.items()]
    print_table(f"At the import of {mended['source']}", rows)
    print_named("Places", mended["named"])
