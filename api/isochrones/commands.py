"""The command isochrone: what lies within a walk of a place."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.console.notices import tell, tell_written
from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    StandardOption,
)
from api.console.output import percent, print_json, print_table, say
from api.console.question import COMMAND_LINE, WALKER, snapshot_for

if TYPE_CHECKING:
    from api.parameters import CoverageQuestion


@COMMAND_LINE.asks(*WALKER)
def print_isochrones(
    ctx: typer.Context,
    code: CodeArgument,
    place: Annotated[str, typer.Argument(metavar="LON,LAT", help="The place, degrees.")],
    *,
    minutes: Annotated[
        str, typer.Option("--minutes", help="Thresholds, 1 to 120, parted by commas; inclusive.")
    ] = "5,10,15",
    direction: Annotated[
        Literal["from", "to"],
        typer.Option("--direction", help="What is reached from it, or from where it is reached."),
    ] = "from",
    question: "CoverageQuestion",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the polygons to FILE.geojson.")
    ] = None,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw what lies within a walk of a place; households by exact count."""
    from api.console.files import check_target, write_atomically  # noqa: PLC0415 - heavy
    from api.formats.json import dumps  # noqa: PLC0415 - heavy
    from api.isochrones.answers import Direction, isochrones, parse_thresholds  # noqa: PLC0415 - heavy
    from api.parameters import parse_position  # noqa: PLC0415 - heavy

    thresholds = parse_thresholds(minutes, name="--minutes")
    where = parse_position(place, name="place")
    if out is not None:
        check_target(out, (".geojson",))
    snapshot = snapshot_for(ctx, code, question, db=db, standard=standard)
    chosen = Direction(direction)
    answer = isochrones(snapshot, question, where, thresholds, direction=chosen)
    if out is not None:
        body = dumps(answer)
        write_atomically(out, lambda part: part.write_bytes(body))
        tell_written([out])
    if as_json:
        print_json(answer)
        return
    rows = [_row(feature["properties"]) for feature in answer["features"]]
    what = "Reached from" if direction == "from" else "Where it is reached from:"
    print_table(f"{what} {place} on foot ({question.profile}); counts are per building", rows)
    if out is None:
        say("The polygons: --out FILE.geojson, or --json.")
    tell(answer["lifecircle"])


def _row(drawn: dict[str, Any]) -> dict[str, Any]:
    return {
        "minutes": drawn["minutes"],
        "metres": drawn["metres"],
        "households": drawn["households"],
        "buildings": drawn["buildings"],
        "streets, km": drawn["reached_m"] / 1000,
        "agreement": percent(drawn["agreement"]),
        "cell, m": drawn["cell_m"],
    }
