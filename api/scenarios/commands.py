"""Commands for planners: what would change (scenario), and why it is so (explain)."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.console.notices import tell, tell_written
from api.console.options import (
    ByGridOption,
    CodeArgument,
    DbOption,
    JsonOption,
    StandardOption,
    existing_file,
    settings_for,
)
from api.console.output import percent, print_json, print_table, print_text
from api.console.question import COMMAND_LINE, THRESHOLD, snapshot_for
from api.formats.aliases import Json
from geo.errors import InputError

if TYPE_CHECKING:
    from api.parameters import CoverageQuestion


@COMMAND_LINE.asks(*THRESHOLD)
def print_scenario(
    ctx: typer.Context,
    code: CodeArgument,
    edits: Annotated[
        str,
        typer.Argument(
            metavar="EDITS.json",
            help='File of {"edits": [{"op": "close_point", "point_id": "p1"}, ...]}, or - for '
            "standard input.",
        ),
    ],
    *,
    question: "CoverageQuestion",
    by: ByGridOption = "small",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Write the changes to FILE.csv, or the whole answer to FILE.json."
        ),
    ] = None,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who would gain and who would lose by edits; nothing is stored."""
    from api.console.files import check_target  # noqa: PLC0415 - heavy
    from api.scenarios.answers import read_edits, scenario  # noqa: PLC0415 - heavy

    if out is not None:
        check_target(out, (".csv", ".json"))
    limit = settings_for(ctx, db=db, standard=standard).max_edits
    what = "The standard input" if edits == "-" else f"The file {edits}"
    read = read_edits(_text(edits), limit=limit, what=what)
    snapshot = snapshot_for(ctx, code, question, db=db, standard=standard)
    answer = scenario(snapshot, question, read, by=by)
    if out is not None:
        _write(answer, out)
    if as_json:
        print_json(answer)
    elif out is None:
        _print_scenario(answer)
    if not as_json:
        tell(answer)


def _text(edits: str) -> bytes:
    """Return the text of the file, or of the standard input."""
    if edits == "-":
        return sys.stdin.buffer.read()
    path = existing_file(Path(edits))
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"Cannot read {path} ({error.strerror}); wanted a file of edits."
        ) from None


def _write(answer: Json, out: Path) -> None:
    """Write the answer, or its changes as a table with the credits beside it."""
    import pandas as pd  # noqa: PLC0415 - heavy

    from api.console.files import write_atomically, write_csv  # noqa: PLC0415 - heavy
    from api.formats.json import dumps  # noqa: PLC0415 - heavy
    from api.scenarios.schemas import ChangeRow  # noqa: PLC0415 - heavy

    if out.suffix.lower() == ".csv":
        table = pd.DataFrame(answer["changes"], columns=list(ChangeRow.model_fields))
        written = write_csv(table.assign(origin=answer["origin"]), out, answer)
    else:
        write_atomically(out, lambda part: part.write_bytes(dumps(answer)))
        written = [out]
    tell_written(written)


def _print_scenario(answer: Json) -> None:
    minutes = f"{answer['minutes']:g} min ({answer['profile']['id']})"
    print_table(f"Households within {minutes}, district", [_change(r) for r in answer["total"]])
    if answer["by"] != "district":
        rows = sorted(answer["changes"], key=lambda row: (-abs(row["change"]), row["code"]))
        shown = [{"grid": row["code"], "name": row["name_zh"], **_change(row)} for row in rows]
        print_table(f"{answer['by'].capitalize()} grids that change", shown)
    rows = [
        {
            "building": row["building_id"],
            "households": row["households"],
            "category": row["category"],
            "before s": row["before_s"],
            "after s": row["after_s"],
            "status": f"{row['status_before']} -> {row['status_after']}",
            "nearest": row["after_point"],
        }
        for row in answer["buildings"]
    ]
    print_table("Buildings that gain or lose", rows, limit=20)
    if answer["buildings_cut"]:
        print_text(f"{answer['buildings_cut']} more are not listed.")
    for point in answer["unlinked"]:
        print_text(
            f"Service point {point['point_id']} is unlinked ({point['reason']}): nobody reaches it."
        )
    print_text(
        f"Edits: {len(answer['edits'])}; walking times that differ: {answer['changed']:,}. "
        "Nothing was stored."
    )


def _change(row: Json) -> Json:
    return {
        "category": row["category"],
        "before": row["before"],
        "after": row["after"],
        "gained": row["gained"],
        "lost": row["lost"],
        "share before": percent(row["coverage_before"]),
        "share after": percent(row["coverage_after"]),
    }
