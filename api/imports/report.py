"""Import reports on the terminal: read, accepted, repaired how, rejected with rows and reasons."""

from typing import Any, Final

from api.console.notices import names, print_named
from api.console.output import print_json, print_table, print_text
from api.console.terms import LAYERS, term
from api.imports.answers import imported
from boundaries.import_report import ImportReport, told_counts
from geo.messages import Message

_SURE: Final = {
    "declared": Message("cli_imports.declared"),
    "certain": Message("cli_imports.certain"),
    "likely": Message("cli_imports.likely"),
    "unchecked": Message("cli_imports.unchecked"),
}
_NAMED: Final = 8
"""Rejected rows that are named per reason, and places per layer."""


def print_report(
    report: ImportReport, *, code: str, revision: int | None, db: str, as_json: bool
) -> None:
    """Print what an import did.

    Parameters
    ----------
    report : ImportReport
    code : str
    revision : int or None
        That the import made; None where nothing was written (``--dry-run``).
    db : str
    as_json : bool
    """
    if as_json:
        print_json(imported(code, revision, report))
        return
    rows = [
        {
            "heads.layer": term(name, LAYERS),
            "heads.read": layer.read,
            "heads.accepted": layer.accepted,
            "heads.rejected": len(layer.rejected),
            "heads.repaired": _counted(layer.repaired),
            "heads.notes": _counted(layer.notes),
        }
        for name, layer in report.layers.items()
    ]
    print_table(Message("cli_imports.report", {"source": report.source}), rows)
    rejected = _by_reason(report)
    if rejected:
        print_table(Message("cli_imports.rejected"), rejected)
    for name, layer in report.layers.items():
        for each in layer.understood:
            said = {"layer": term(name, LAYERS), "how": each.how, "sure": _SURE[each.sure]}
            print_text(Message("cli_imports.understood", said))
        places = layer.told()["named"]
        print_named(Message("cli_imports.by_place", {"layer": term(name, LAYERS)}), places)
    if revision is None:
        print_text(Message("cli_imports.dry_run"))
    else:
        from boundaries.store.open import place_of  # noqa: PLC0415 - heavy

        done = {"code": code, "revision": revision, "db": place_of(db)}
        print_text(Message("cli_imports.done", done))


def _by_reason(report: ImportReport) -> list[dict[str, Any]]:
    """Return one row per layer and reason, with the first rows by name."""
    rows: dict[tuple[str, str], list[str]] = {}
    for name, layer in report.layers.items():
        for row, why in layer.rejected:
            rows.setdefault((name, str(why)), []).append(str(row))
    return [
        {
            "heads.layer": term(name, LAYERS),
            "heads.reason": why,
            "heads.rows": len(which),
            "heads.which": names(which, limit=_NAMED),
        }
        for (name, why), which in rows.items()
    ]


def _counted(what: dict[Message, int]) -> str:
    return "; ".join(f"{name}: {n}" for name, n in told_counts(what).items()) or "-"
