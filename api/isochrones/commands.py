"""The command isochrone: what lies within a walk of a place."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api.console.notices import print_written
from api.console.output import percent, print_table, say
from api.console.question import WALKER, DistrictCommand, district_command
from api.console.terms import walker_name
from api.formats.aliases import Json
from geo.messages import Message


@district_command(*WALKER)
def print_isochrones(
    command: DistrictCommand,
    place: Annotated[str, typer.Argument(metavar="LON,LAT", help="The place, degrees.")],
    *,
    minutes: Annotated[
        str, typer.Option("--minutes", help="Thresholds, 1 to 120, separated by commas; inclusive.")
    ] = "5,10,15",
    direction: Annotated[
        Literal["from", "to"],
        typer.Option("--direction", help="What is reached from it, or from where it is reached."),
    ] = "from",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the polygons to FILE.geojson.")
    ] = None,
) -> None:
    """Draw isochrones of a place, with exact household counts."""
    from api.console.files import check_target, write_atomically  # noqa: PLC0415 - heavy
    from api.formats.json import dumps  # noqa: PLC0415 - heavy
    from api.isochrones.answers import Direction, isochrones, parse_thresholds  # noqa: PLC0415 - heavy
    from api.parameters import parse_position  # noqa: PLC0415 - heavy

    thresholds = parse_thresholds(minutes, name="--minutes")
    where = parse_position(place, name="place")
    if out is not None:
        check_target(out, (".geojson",))
    snapshot, chosen = command.snapshot(), Direction(direction)
    answer = isochrones(snapshot, command.question, where, thresholds, direction=chosen)
    if out is not None:
        body = dumps(answer)
        write_atomically(out, lambda part: part.write_bytes(body))
        print_written([out])

    def show(drawn: Json) -> None:
        rows = [_row(feature["properties"]) for feature in drawn["features"]]
        code = "cli_isochrone.reached_from" if direction == "from" else "cli_isochrone.reached_to"
        walker = walker_name(drawn["lifecircle"]["profile"])
        print_table(Message(code, {"place": place, "walker": walker}), rows)
        if out is None:
            say(Message("cli_isochrone.polygons"))

    command.print(answer, show)


def _row(drawn: dict[str, Any]) -> dict[str, Any]:
    return {
        "heads.minutes": drawn["minutes"],
        "heads.metres": drawn["metres"],
        "heads.households": drawn["households"],
        "heads.buildings": drawn["buildings"],
        "heads.streets_km": drawn["reached_m"] / 1000,
        "heads.agreement": percent(drawn["agreement"]),
        "heads.cell_m": drawn["cell_m"],
    }
