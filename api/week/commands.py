"""``lifecircle week``: who is covered at each hour of a week."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from api.console.notices import print_floors
from api.console.options import ByOption
from api.console.output import print_table, print_text
from api.console.question import POINTS, DistrictCommand, district_command
from api.console.terms import LAYERS, category_names, term
from api.formats.aliases import Json
from geo.messages import Message, language

_MEMBERS = tuple(name for name in POINTS if name != "at")
_TIMED = ("service_points", "gates", "walk_edges")


@district_command(*_MEMBERS)
def print_week(
    command: DistrictCommand,
    *,
    week: Annotated[
        str | None,
        typer.Option(
            "--week", metavar="WEEK", help="ISO week, 2026-W49; by default one without holidays."
        ),
    ] = None,
    by: ByOption = "district",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.csv", help="Write a row per place and category."),
    ] = None,
) -> None:
    """Show who is covered at each hour of a week. Counts hours of points, gates and ways."""
    from api.console.files import write_csv  # noqa: PLC0415 - heavy
    from api.console.notices import print_written  # noqa: PLC0415 - heavy
    from api.week.answers import week as week_of  # noqa: PLC0415 - heavy
    from api.week.answers import week_table  # noqa: PLC0415 - heavy

    snapshot = command.snapshot()
    answer = week_of(snapshot, command.question, week=week, by=by)
    if out is not None:
        table = week_table(snapshot, command.question, week=week, by=by)
        print_written(write_csv(table, out, answer))
    command.print(answer, lambda result: _print_week(result, category_names(snapshot.standard)))


def _print_week(answer: Json, names: Mapping[str, str]) -> None:
    rows = [
        {
            "heads.category": str(Message("week.all")) if name == "all" else names[name],
            "heads.best": round(each["best"]["households"]),
            "heads.best_at": each["best"]["hour"],
            "heads.worst": round(each["worst"]["households"]),
            "heads.worst_at": each["worst"]["hour"],
            "heads.always": round(each["always"]),
            "heads.never": round(each["never"]),
            "heads.not_at_night": round(each["not_at_night"]),
        }
        for name, each in answer["total"].items()
    ]
    head = {"week": answer["week"], "households": round(answer["households"])}
    print_table(Message("week.table", head), rows)
    for sentence in answer[f"sentences_{language()}"]:
        print_text(sentence)
    for layer in _TIMED:
        known = answer["hours"][layer]
        print_text(Message("week.known", {**known, "layer": term(layer, LAYERS)}))
    print_floors(answer)
