"""``lifecircle walk``: one walk between two points."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.console.notices import tell
from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
)
from api.console.output import print_json, print_text
from api.console.question import COMMAND_LINE, WALKER, snapshot_for

if TYPE_CHECKING:
    from api.parameters import CoverageQuestion


@COMMAND_LINE.asks(*WALKER)
def print_walk(
    ctx: typer.Context,
    code: CodeArgument,
    start: Annotated[str, typer.Argument(metavar="LON,LAT", help="Start, degrees.")],
    end: Annotated[str, typer.Argument(metavar="LON,LAT", help="End, degrees.")],
    *,
    question: "CoverageQuestion",
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the shortest walk between two places: metres, seconds, path."""
    from api.formats.json import dumps  # noqa: PLC0415 - heavy
    from api.parameters import parse_position  # noqa: PLC0415 - heavy
    from api.walks.answers import walk  # noqa: PLC0415 - heavy

    places = parse_position(start, name="start"), parse_position(end, name="end")
    answer = walk(snapshot_for(ctx, code, question, db=db), question, *places)
    if as_json:
        print_json(answer)
        return
    minutes = answer["seconds"] / 60
    print_text(
        f"{answer['metres']:.1f} m along the network, {answer['seconds']:.1f} s in all "
        f"({minutes:.1f} min, {question.profile})"
    )
    print_text(
        f"access legs: {answer['leg_from_m']:.1f} m at the start, {answer['leg_to_m']:.1f} m at "
        f"the end; {answer['total_m']:.1f} m on foot"
    )
    from orjson import loads  # noqa: PLC0415 - heavy

    path = loads(dumps(answer["geometry"]))["coordinates"]
    print_text("path: " + " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat in path))
    tell(answer)
