"""``lifecircle explain``: why one building is not covered."""

from typing import Annotated, Final

import typer

from api.console.notices import print_floors
from api.console.output import print_table, print_text
from api.console.question import THRESHOLD, WALKER, DistrictCommand, district_command
from api.console.terms import ENTRANCES, LAYERS, term
from api.formats.aliases import Json
from geo.messages import Message, language


@district_command(*THRESHOLD, "floors")
def print_explanation(
    command: DistrictCommand,
    building: Annotated[str, typer.Argument(metavar="BUILDING", help="Id of a building.")],
    category: Annotated[str, typer.Argument(metavar="CATEGORY", help="Id of a category.")],
    *,
    no_remedy: Annotated[
        bool, typer.Option("--no-remedy", help="Do not look for an edit that would help.")
    ] = False,
) -> None:
    """Show why a building is covered or not, and what would help."""
    from api.explanations.answers import explanation  # noqa: PLC0415 - heavy

    snapshot, remedy = command.snapshot(), not no_remedy
    answer = explanation(
        snapshot, command.question, building=building, category=category, remedy=remedy
    )
    command.print(answer, _print_explanation)


def _print_explanation(answer: Json) -> None:
    from api.formats.json import dumps  # noqa: PLC0415 - heavy

    print_text(answer[f"sentence_{language()}"])
    for closed in answer["closed_hours"]:
        print_text(
            Message("cli_explain.closed", {**closed, "layer": term(closed["layer"], LAYERS)})
        )
    if answer["doors"]:
        for end, door in answer["doors"].items():
            print_text(_door(_ENDS[end], door))
    _print_split(answer["split"])
    if answer["link"]:
        _print_link(answer["link"])
    print_floors(answer)
    if answer["remedy"] is not None:
        edit = dumps(answer["remedy"]["edit"]).decode()
        print_text(Message("cli_explain.edit", {"edit": edit}))


@district_command(*WALKER)
def print_link(
    command: DistrictCommand,
    *,
    building: Annotated[
        str | None, typer.Option("--building", metavar="ID", help="Id of a building.")
    ] = None,
    point: Annotated[
        str | None, typer.Option("--point", metavar="ID", help="Or that of a service point.")
    ] = None,
) -> None:
    """Show how one place meets the walk network. Or why not, and what would link it."""
    from api.explanations.linking import link_answer  # noqa: PLC0415 - heavy

    answer = link_answer(command.snapshot(), command.question, building=building, point=point)

    def show(told: Json) -> None:
        print_text(told[f"sentence_{language()}"])
        _print_link(told)

    command.print(answer, show)


def _print_link(link: Json) -> None:
    from api.formats.json import dumps  # noqa: PLC0415 - heavy

    print_text(_door("cli_explain.door", link["door"]))
    if link["nearest_edge_id"] is not None:
        print_text(
            Message(
                "cli_explain.nearest",
                {"edge": link["nearest_edge_id"], "metres": link["nearest_m"]},
            )
        )
    if link["link_remedy"] is not None:
        edit = dumps(link["link_remedy"]["edit"]).decode()
        print_text(Message("cli_explain.edit", {"edit": edit}))


_ENDS: Final = {"from": "cli_explain.door_from", "to": "cli_explain.door_to"}


def _door(code: str, door: Json) -> Message:
    """Return an entrance in words, with its identifier, kind and place."""
    at = {"lon": door["lon"], "lat": door["lat"]}
    if door["entrance_id"] is None:
        which = Message("cli_explain.no_entrance", at)
    else:
        which = Message(
            "cli_explain.entrance",
            {"id": door["entrance_id"], "kind": term(door["kind"], ENTRANCES), **at},
        )
    if door["gate_id"] is None:
        return Message(code, {"which": which})
    return Message(
        "cli_explain.by_gate", {"door": Message(code, {"which": which}), "gate": door["gate_id"]}
    )


def _print_split(split: Json | None) -> None:
    if split is None:
        return
    rows = [
        _part("cli_explain.to_street", split["leg_from_m"], split["leg_from_s"]),
        _part("cli_explain.along", split["metres"], split["network_s"]),
        _part("cli_explain.to_door", split["leg_to_m"], split["leg_to_s"]),
    ]
    if split["crossings_s"]:
        rows.insert(2, _part("cli_explain.crossing", 0, split["crossings_s"]))
    print_table(Message("cli_explain.walk"), rows)


def _part(code: str, metres: float, seconds: float) -> Json:
    return {
        "heads.part": Message(code),
        "heads.metres": metres,
        "heads.minutes": seconds / 60,
    }
