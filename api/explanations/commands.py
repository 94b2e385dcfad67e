"""``lifecircle explain``: why one building is not covered."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.console.notices import tell
from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    StandardOption,
)
from api.console.output import print_json, print_table, print_text
from api.console.question import COMMAND_LINE, THRESHOLD, snapshot_for
from api.formats.aliases import Json

if TYPE_CHECKING:
    from api.parameters import CoverageQuestion


@COMMAND_LINE.asks(*THRESHOLD)
def print_explanation(
    ctx: typer.Context,
    code: CodeArgument,
    building: Annotated[str, typer.Argument(metavar="BUILDING", help="Id of a building.")],
    category: Annotated[str, typer.Argument(metavar="CATEGORY", help="Id of a category.")],
    *,
    question: "CoverageQuestion",
    no_remedy: Annotated[
        bool, typer.Option("--no-remedy", help="Do not look for an edit that would help.")
    ] = False,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show why a building is covered by a category or not, and what would help."""
    from api.explanations.answers import explanation  # noqa: PLC0415 - heavy
    from api.formats.json import dumps  # noqa: PLC0415 - heavy

    snapshot = snapshot_for(ctx, code, question, db=db, standard=standard)
    answer = explanation(
        snapshot, question, building=building, category=category, remedy=not no_remedy
    )
    if as_json:
        print_json(answer)
        return
    print_text(answer["sentence_zh"])
    print_text(answer["sentence_en"])
    _print_split(answer["split"])
    if answer["remedy"] is not None:
        print_text(f"edit: {dumps(answer['remedy']['edit']).decode()}")
    tell(answer)


def _print_split(split: Json | None) -> None:
    if split is None:
        return
    rows = [
        {"part": "to the street", "metres": split["leg_from_m"], "seconds": split["leg_from_s"]},
        {"part": "along the network", "metres": split["metres"], "seconds": split["network_s"]},
        {"part": "to the door", "metres": split["leg_to_m"], "seconds": split["leg_to_s"]},
    ]
    if split["crossings_s"]:
        rows.insert(2, {"part": "waiting to cross", "metres": 0, "seconds": split["crossings_s"]})
    print_table("The walk", rows)
