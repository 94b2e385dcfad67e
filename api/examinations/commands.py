"""``lifecircle examine``: a district by requirements of standards."""

from pathlib import Path
from typing import Annotated, Final

import typer

from api.console.notices import print_written
from api.console.output import percent, print_table, print_text
from api.console.question import PACE, DistrictCommand, district_command
from api.console.terms import VERIFIED, term, walker_name
from api.formats.aliases import Json
from geo.messages import Message, language

_CAUSES: Final = {
    "unlinked": "terms.cause_unlinked",
    "point_unlinked": "terms.cause_point_unlinked",
    "river": "terms.cause_river",
    "railway": "terms.cause_railway",
    "wall": "terms.cause_wall",
    "detour": "terms.cause_detour",
}
_TIERS: Final = {
    "t5": "terms.tier_5",
    "t10": "terms.tier_10",
    "t15": "terms.tier_15",
    "t15+t10": "terms.tier_15_10",
    "block": "terms.tier_block",
}
_NOT_EXAMINED: Final = {
    "no_point": "cli_examine.no_point",
    "no_data": "cli_examine.no_data",
    "no_distance": "cli_examine.no_distance",
    "no_floor_area": "cli_examine.no_floor_area",
}


@district_command(*PACE)
def print_examination(
    command: DistrictCommand,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write one row per requirement to FILE.csv.")
    ] = None,
) -> None:
    """Examine a district by requirements of standards."""
    from api.console.files import check_target, write_csv  # noqa: PLC0415 - heavy
    from api.examinations.answers import examination_answer, examined  # noqa: PLC0415 - heavy

    if out is not None:
        check_target(out, (".csv",))
    snapshot, question = command.snapshot(), command.question
    rows = examined(snapshot, question)
    answer = examination_answer(snapshot, question, rows)
    if out is not None:
        print_written(write_csv(rows, out, answer))
    command.print(answer, _print)


def _print(answer: Json) -> None:
    walked = [row for row in answer["rows"] if row["walk"] is not None]
    total = answer["households"]
    for standard in answer["standards"]:
        rows = [_row(row, total) for row in walked if row["standard"] == standard["id"]]
        about = {"standard": standard[language()], "walker": walker_name(answer["profile"])}
        print_table(Message("cli_examine.rows", about), rows, limit=len(rows))
    for row in answer["rows"]:
        if row["floor_area"] is not None:
            print_text(Message("cli_examine.floor_area", _area(row)))
    for status, code in _NOT_EXAMINED.items():
        names = [_named(row) for row in answer["rows"] if row["status"] == status]
        if names:
            print_text(Message(code, {"n": len(names), "named": sorted(set(names))}))


def _row(row: Json, total: float) -> Json:
    return {
        "heads.requirement": row[language()],
        "heads.tier": term(row["tier"], _TIERS) if row["tier"] else "",
        "heads.points": row["points"],
        "heads.examined_m": row["radius_m"],
        "heads.minutes": row["limit_s"] / 60,
        "heads.inside_radius": percent(_share(row["straight"], total)),
        "heads.on_foot": percent(_share(row["walk"], total)),
        "heads.not_on_foot": row["difference"],
        "heads.most_for": _cause(row["causes"]),
        "heads.verified": term(row["verified"], VERIFIED),
    }


def _share(households: float, total: float) -> float | None:
    return households / total if total else None


def _cause(causes: Json) -> str:
    """Return the cause of most of the difference; empty where there is none."""
    most = max(causes, key=lambda each: causes[each])
    return str(term(most, _CAUSES)) if causes[most] else ""


def _named(row: Json) -> str:
    return str(row[f"lacks_{language()}"] or row[language()])


def _area(row: Json) -> Json:
    area = row["floor_area"]
    return {
        "name": row[language()],
        "per_100": round(area["per_100"], 1),
        "wanted": row["floor_area_m2"],
        "n": int(area["points_without"]),
    }
