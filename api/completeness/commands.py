"""``lifecircle grids complete``: what each grid has and lacks, in zh or in en."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from api.console.options import check_minutes, existing_file
from api.console.output import listed, print_table, print_text
from api.console.question import PACE, DistrictCommand, district_command
from api.formats.aliases import Json
from geo.messages import language, percent, tenths_up
from maps.words.completeness import (
    basis_words,
    head_word,
    level_word,
    met_word,
    reason_word,
    title_word,
    what_word,
)


def print_report(answer: Json, *, lang: str) -> None:
    """Print a report of completeness as sentences and tables.

    Parameters
    ----------
    answer : dict
        Of :func:`api.completeness.answers.completeness_answer`.
    lang : {'zh', 'en'}
    """
    stations = answer["stations"]
    names = {rule["id"]: rule[lang] for rule in answer["rules"]}
    print_text(
        basis_words(
            lang=lang,
            minutes=answer["minutes"],
            profile=answer["profile"][lang],
            metres=answer["metres"],
            network=answer["network"],
        )
    )
    print_text(stations[f"sentence_{lang}"])
    _print("rules", (_summary(row, names, lang) for row in answer["summary"]), lang)
    lacking = [row for row in answer["grids"] if row["lacks"]]
    _print("grids", (_grid(row, names, lang) for row in lacking), lang)
    unmet = [row for row in answer["rows"] if row["status"] != "met"]
    _print("lacking", (_row(row, names, lang) for row in unmet), lang)
    _print("stations", (_station(row, lang) for row in stations["stations"]), lang)
    _print("unlinked", (_unlinked(row, lang) for row in stations["unlinked"]), lang)
    _print("through", (_through(row) for row in answer["legs_through_buildings"]), lang)
    _print("unplaced", (_unplaced(row, names, lang) for row in answer["unplaced"]), lang)


def _print(title: str, rows: Iterable[Json], lang: str) -> None:
    headed = [{head_word(name, lang): cell for name, cell in row.items()} for row in rows]
    print_table(title_word(title, lang), headed)


def _share(share: float | None, lang: str) -> str:
    return "" if share is None else percent(share, lang)


def _summary(row: Json, names: dict[str, str], lang: str) -> Json:
    return {
        "rule": names[row["rule"]],
        "level": level_word(row["level"], lang),
        "met": row["met"],
        "of": row["of"],
        "share": _share(row["share"], lang),
    }


def _grid(row: Json, names: dict[str, str], lang: str) -> Json:
    return {
        "code": row["code"],
        "name": row[f"name_{lang}"],
        "level": level_word(row["level"], lang),
        "households": row["households"],
        "within": _share(row["share"], lang),
        "lacks": listed(names[rule] for rule in row["lacks"]),
    }


def _row(row: Json, names: dict[str, str], lang: str) -> Json:
    return {
        "code": row["code"],
        "level": level_word(row["level"], lang),
        "rule": names[row["rule"]],
        "status": met_word(row["status"], lang),
        "value": _minutes(row["value"]) if row["rule"] == "hub" else row["value"],
        "wanted": row["wanted"],
        "names": row["names"],
    }


def _station(row: Json, lang: str) -> dict[str, Any]:
    return {
        "code": row["place_id"],
        "name": row["name"],
        "grid": row["grid_code"],
        "time": _minutes(row["time_s"]),
        "hub": row["hub_id"],
        "households": row["households"],
        "reason": reason_word(row["reason"], lang) if row["reason"] else "",
    }


def _minutes(time_s: float | None) -> str:
    return "" if time_s is None else f"{tenths_up(time_s):.1f}"


def _unlinked(row: Json, lang: str) -> Json:
    return {
        "what": what_word(row["what"], lang),
        "code": row["id"],
        "name": row["name"],
        "households": row["households"],
        "reason": reason_word(row["reason"], lang),
    }


def _through(row: Json) -> Json:
    return {
        "code": row["building_id"],
        "name": row["name"],
        "households": row["households"],
        "through": row["through"],
    }


def _unplaced(row: Json, names: dict[str, str], lang: str) -> Json:
    return {
        "role": what_word(row["role"], lang) if row["role"] not in names else names[row["role"]],
        "name": row["name"],
        "grid": row["grid_code"],
        "code": row["point_id"],
        "reason": reason_word(row["reason"], lang, unplaced=True),
    }


@district_command(*PACE)
def print_completeness(
    command: DistrictCommand,
    *,
    organisations: Annotated[
        Path | None,
        typer.Option(
            "--organisations",
            metavar="FILE",
            help="CSV: role, name, grid code; of hubs and stations a point_id or lon and lat.",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", help="Threshold of hubs and stations; by default the rule's."),
    ] = None,
) -> None:
    """Show what each grid has and lacks: branch, window, worker."""
    from api.completeness.answers import completeness_answer  # noqa: PLC0415 - heavy
    from boundaries.readers.organisations import read_organisations  # noqa: PLC0415 - heavy

    if minutes is not None:
        check_minutes(minutes)
    table = None if organisations is None else read_organisations(existing_file(organisations))
    profile = command.question.profile
    answer = completeness_answer(command.snapshot(), table, minutes=minutes, profile=profile)
    command.print(answer, lambda result: print_report(result, lang=language()))
