"""``lifecircle scenario``: what would change."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from api.console.notices import print_written
from api.console.options import ByGridOption, existing_file
from api.console.output import minutes, percent, print_table, print_text
from api.console.question import ROADS, DistrictCommand, district_command
from api.console.terms import STATUSES, UNLINKED, category_names, name_of, term, walker_name
from api.console.thresholds import within
from api.formats.aliases import Json
from geo.errors import InputError
from geo.messages import Message

_TITLES: Final = {
    "small": "cli_scenario.small",
    "medium": "cli_scenario.medium",
    "large": "cli_scenario.large",
}
"""Table by level of grid."""


@district_command(*ROADS)
def print_scenario(
    command: DistrictCommand,
    edits: Annotated[
        str,
        typer.Argument(
            metavar="EDITS.json",
            help='File of {"edits": [{"op": "close_point", "point_id": "p1"}, ...]}, or - for '
            "standard input.",
        ),
    ],
    *,
    by: ByGridOption = "small",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Write the changes to FILE.csv, or the whole answer to FILE.json."
        ),
    ] = None,
) -> None:
    """Try edits and show who gains and who loses."""
    from api.console.files import check_target  # noqa: PLC0415 - heavy
    from api.scenarios.answers import read_edits, scenario  # noqa: PLC0415 - heavy

    if out is not None:
        check_target(out, (".csv", ".json"))
    is_input = edits == "-"
    what = Message("edits.standard_input") if is_input else Message("edits.file", {"path": edits})
    read = read_edits(_text(edits), limit=command.settings.max_edits, what=what)
    snapshot = command.snapshot()
    answer = scenario(snapshot, command.question, read, by=by)
    if out is not None:
        _write(answer, out)
    names = category_names(snapshot.standard)
    command.print(answer, lambda result: _print_scenario(result, names) if out is None else None)


def _text(edits: str) -> bytes:
    """Return the text of the file, or of the standard input."""
    if edits == "-":
        return sys.stdin.buffer.read()
    path = existing_file(Path(edits))
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("cli_scenario.unreadable", path=path, why=error.strerror) from None


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
    print_written(written)


def _print_scenario(answer: Json, names: Mapping[str, str]) -> None:
    about = {"within": within(answer), "walker": walker_name(answer["profile"])}
    total = [_change(row, names) for row in answer["total"]]
    print_table(Message("cli_scenario.total", about), total)
    if answer["by"] != "district":
        rows = sorted(answer["changes"], key=lambda row: (-abs(row["change"]), row["code"]))
        shown = [
            {"heads.grid": row["code"], "heads.name": name_of(row), **_change(row, names)}
            for row in rows
        ]
        print_table(Message(_TITLES[answer["by"]]), shown)
    buildings = [_building(row, names) for row in answer["buildings"]]
    print_table(Message("cli_scenario.buildings"), buildings, limit=20)
    if answer["buildings_cut"]:
        print_text(Message("cli_scenario.more", {"n": answer["buildings_cut"]}))
    for point in answer["unlinked"]:
        why = {"point": point["point_id"], "reason": term(point["reason"], UNLINKED)}
        print_text(Message("cli_scenario.unlinked", why))
    done = {"edits": len(answer["edits"]), "changed": answer["changed"]}
    print_text(Message("cli_scenario.done", done))


def _building(row: Json, names: Mapping[str, str]) -> Json:
    before, after = (term(row[name], STATUSES) for name in ("status_before", "status_after"))
    return {
        "heads.building": row["building_id"],
        "heads.households": row["households"],
        "heads.category": names[row["category"]],
        "heads.minutes_before": minutes(row["before_s"]),
        "heads.minutes_after": minutes(row["after_s"]),
        "heads.status": Message("cli_scenario.from_to", {"before": before, "after": after}),
        "heads.nearest": row["after_point"],
    }


def _change(row: Json, names: Mapping[str, str]) -> Json:
    return {
        "heads.category": names[row["category"]],
        "heads.before": row["before"],
        "heads.after": row["after"],
        "heads.gained": row["gained"],
        "heads.lost": row["lost"],
        "heads.share_before": percent(row["coverage_before"]),
        "heads.share_after": percent(row["coverage_after"]),
    }
