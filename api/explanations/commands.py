"""``lifecircle explain``: why one building is not covered."""

from typing import Annotated

import typer

from api.console.output import print_table, print_text
from api.console.question import THRESHOLD, DistrictCommand, district_command
from api.console.terms import LAYERS, term
from api.formats.aliases import Json
from geo.messages import Message, language


@district_command(*THRESHOLD)
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
    _print_split(answer["split"])
    if answer["remedy"] is not None:
        edit = dumps(answer["remedy"]["edit"]).decode()
        print_text(Message("cli_explain.edit", {"edit": edit}))


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
