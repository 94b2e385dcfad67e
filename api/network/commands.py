"""``lifecircle network``: the parts of the walk network, and what an import mended."""

from api.console.output import percent, print_table, print_text
from api.console.question import PACE, DistrictCommand, district_command
from api.console.terms import walker_name
from api.formats.aliases import Json
from geo.messages import Message


@district_command(*PACE)
def print_network(command: DistrictCommand) -> None:
    """Examine the walk network: islands, what an import mended."""
    from api.network.answers import network_answer  # noqa: PLC0415 - heavy

    imports = command.snapshots.store.imports(command.code)
    answer = network_answer(command.snapshot(), imports, profile=command.question.profile)
    command.print(answer, _print_network)


def _print_network(answer: Json) -> None:
    rows = [
        {
            "heads.component": row["component"],
            "heads.km": row["walkable_m"] / 1000,
            "heads.edges": row["edges"],
            "heads.buildings": row["buildings"],
            "heads.households": row["households"],
            "heads.share": percent(row["share"]),
        }
        for row in answer["rows"]
    ]
    walker = walker_name(answer["profile"])
    print_table(Message("cli_network.rows", {"walker": walker}), rows, limit=10)
    islands, unlinked = answer["islands"], answer["unlinked"]
    figures = {
        "islands": answer["components"] - 1,
        "km": islands["walkable_m"] / 1000,
        "households": round(islands["households"]),
        "share": percent(islands["share"]),
        "unlinked": round(unlinked["households"]),
        "buildings": unlinked["buildings"],
    }
    print_text(Message("cli_network.islands", figures))
    _print_mended(answer["mended"])


def _print_mended(mended: Json | None) -> None:
    if mended is None:
        return
    from api.console.notices import print_named  # noqa: PLC0415 - heavy

    counted = {**mended["repaired"], **mended["notes"]}
    rows = [{"heads.what": what, "heads.count": count} for what, count in counted.items()]
    print_table(Message("cli_network.mended", mended), rows)
    print_named(Message("cli_network.places"), mended["named"])
