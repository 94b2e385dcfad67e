"""``lifecircle walk``: one walk between two points."""

from typing import Annotated

import typer

from api.console.output import minutes, print_text
from api.console.question import WALKER, DistrictCommand, district_command
from api.console.terms import walker_name
from api.formats.aliases import Json
from geo.messages import Message


@district_command(*WALKER)
def print_walk(
    command: DistrictCommand,
    start: Annotated[str, typer.Argument(metavar="LON,LAT", help="Start, degrees.")],
    end: Annotated[str, typer.Argument(metavar="LON,LAT", help="End, degrees.")],
) -> None:
    """Show the shortest walk between two places."""
    from api.parameters import parse_position  # noqa: PLC0415 - heavy
    from api.walks.answers import walk  # noqa: PLC0415 - heavy

    places = parse_position(start, name="start"), parse_position(end, name="end")
    command.print(walk(command.snapshot(), command.question, *places), _print_walk)


def _print_walk(answer: Json) -> None:
    from orjson import loads  # noqa: PLC0415 - heavy

    from api.formats.json import dumps  # noqa: PLC0415 - heavy

    way = {
        "metres": answer["metres"],
        "seconds": answer["seconds"],
        "minutes": minutes(answer["seconds"]),
        "walker": walker_name(answer["profile"]),
    }
    print_text(Message("cli_walk.way", way))
    legs = {"start": answer["leg_from_m"], "end": answer["leg_to_m"], "total": answer["total_m"]}
    print_text(Message("cli_walk.legs", legs))
    path = loads(dumps(answer["geometry"]))["coordinates"]
    places = " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat in path)
    print_text(Message("cli_walk.path", {"places": places}))
