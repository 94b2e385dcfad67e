"""``lifecircle standard``: the figures of the standard, each with its source."""

from typing import Annotated, Final

import typer

from api.console.options import JsonOption, StandardOption, settings_for
from api.console.output import print_json, print_table, print_text
from api.console.terms import VERIFIED, term
from api.formats.aliases import Json
from geo.messages import Message, language

TableArgument = Annotated[
    str | None,
    typer.Argument(metavar="TABLE", help="Table behind the standard, as tiers; else itself."),
]

_HEADS: Final = {
    "zh": "heads.name",
    "en": "heads.name",
    "kind": "heads.kind",
    "minutes": "heads.minutes",
    "note": "heads.note",
    "rule": "heads.rule",
    "source": "heads.source",
    "verified": "heads.verified",
}
"""Columns of the tables whose heads are told; the others are called as in the files."""


def print_standard(
    ctx: typer.Context,
    table: TableArgument = None,
    *,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the standard, or a table behind it, with sources."""
    from api.formats.json import records  # noqa: PLC0415 - heavy
    from boundaries.standards.catalogue import (  # noqa: PLC0415 - heavy
        TABLES,
        load_standard,
        standard_document,
        standard_table,
    )
    from boundaries.standards.json import standard_to_json  # noqa: PLC0415 - heavy

    if table is not None:
        rows = records(standard_table(table))
        if as_json:
            print_json({"table": table, "rows": rows})
        else:
            print_table(table, [_in_language(row) for row in rows], limit=len(rows))
            about = standard_document("tables")[table]
            print_text(Message("cli_standard.information", {"table": about[language()]}))
        return
    chosen = load_standard(settings_for(ctx, standard=standard).standard or None)
    whole = standard_to_json(chosen)
    if as_json:
        print_json({**whole, "tables": TABLES})
        return
    print_text(Message("cli_standard.name", {**whole, "name": _name(whole)}))
    print_table(Message("cli_standard.categories"), [_category(row) for row in whole["categories"]])
    print_text(Message("cli_standard.what_counts"))
    print_table(Message("cli_standard.beside"), [_beside(row) for row in whole["beside"]])
    groups = (*whole["categories"], *whole["beside"])
    kinds = [_kind(group, kind) for group in groups for kind in group["kinds"]]
    print_table(Message("cli_standard.kinds"), kinds, limit=len(kinds))
    print_table(Message("cli_standard.walkers"), [_profile(row) for row in whole["profiles"]])
    print_text(Message("cli_standard.tables", {"tables": list(TABLES)}))


def _in_language(row: Json) -> Json:
    """Return a row of a table in the language spoken, without the other language's names."""
    other = "en" if language() == "zh" else "zh"
    both = "zh" in row and "en" in row
    named = {name: value for name, value in row.items() if not (both and name == other)}
    said = {_HEADS.get(name, name): _said(value or "") for name, value in named.items()}
    return {**said, "heads.verified": term(row["verified"], VERIFIED)}


def _said(text: str) -> str:
    """Return a text of a standard or a table in the language spoken."""
    from boundaries.standards.chinese import in_language  # noqa: PLC0415 - heavy

    return in_language(text, language())


def _name(row: Json) -> str:
    return str(row["zh"] if language() == "zh" else f"{row['zh']} {row['en']}")


def _category(row: Json) -> Json:
    return {
        "heads.category": row["id"],
        "heads.name": _name(row),
        "heads.proposed": "✓" if row["proposed"] else "",
        "heads.minutes": row["time_min"],
        "heads.radius_m": row["radius_m"],
        "heads.source": _said(row["source"]),
        "heads.verified": term(row["verified"], VERIFIED),
    }


def _beside(row: Json) -> Json:
    return {
        "heads.category": row["id"],
        "heads.name": _name(row),
        "heads.source": _said(row["source"]),
        "heads.verified": term(row["verified"], VERIFIED),
    }


def _kind(group: Json, row: Json) -> Json:
    return {
        "heads.kind": row["id"],
        "heads.group": group["id"],
        "heads.name": _name(row),
        "heads.minutes": row["time_min"],
        "heads.radius_m": row["radius_m"],
        "heads.osm": "; ".join(row["osm"]),
        "heads.osm_named": "; ".join(row["osm_named"]),
        "heads.verified": term(row["verified"], VERIFIED),
    }


def _profile(row: Json) -> Json:
    return {
        "heads.walker": row["id"],
        "heads.name": _name(row),
        "heads.speed_m_s": float(f"{row['speed_m_s']:.4g}"),
        "heads.quarter_hour_m": round(row["speed_m_s"] * 900),
        "heads.source": _said(row["source"]),
        "heads.verified": term(row["verified"], VERIFIED),
    }
