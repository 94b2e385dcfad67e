"""``lifecircle imports`` and ``undo``: what was imported, and taking the last import back."""

from typing import Annotated, Final

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    actor_of,
    settings_for,
    store_of,
)
from api.console.output import listed, print_json, print_table, print_text, say
from api.console.terms import LAYERS, term
from geo.messages import Message

_SHOWN: Final = 6
"""Keys of a layer that a table names."""


def print_imports(
    ctx: typer.Context, code: CodeArgument, *, db: DbOption = None, as_json: JsonOption = False
) -> None:
    """Show the files that were imported, newest first."""
    from api.imports.answers import imports_answer  # noqa: PLC0415 - heavy

    answer = imports_answer(store_of(ctx, db), code)
    if as_json:
        print_json(answer)
        return
    rows = [
        {
            "heads.revision": row["revision"],
            "heads.at": row["imported_at"][:19],
            "heads.source": row["source"],
            "heads.sha256": row["sha256"][:12] or "-",
            "heads.accepted": listed(
                f"{term(name, LAYERS)} {layer['accepted']}" for name, layer in row["layers"].items()
            ),
            "heads.rejected": sum(len(x["rejected"]) for x in row["layers"].values()),
            "heads.undone_by": row["undone"] or "-",
        }
        for row in answer["imports"]
    ]
    print_table(Message("cli_imports.title", {"code": code}), rows)


def undo_change(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    revision: Annotated[
        int | None,
        typer.Option("--revision", min=1, help="That made the change; else the newest."),
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what it would do.")] = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo a change, the newest by default; the history stays.

    What others changed since stays as well. An undo is undone by its own revision.
    """
    from api.imports.answers import undo  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Commit  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db)
    commit = Commit(actor=actor_of(settings))
    result = undo(store_of(ctx, db), code, revision, commit=commit, preview=preview)
    if as_json:
        print_json(result)
        return
    rows = [_undone(layer, counts, result["keys"][layer])
            for layer, counts in result["counts"].items()]  # fmt: skip
    print_table(Message("cli_imports.undo_of", result), rows)
    for fault in result["faults"]:
        say(Message("cli_imports.undo_fault", {"fault": fault}))
    if preview:
        say(Message("cli_imports.undo_preview"))
        return
    state = "cli_imports.now" if result["revision"] else "cli_imports.gone"
    now = Message(state, {"code": code, "revision": result["revision"]})
    print_text(Message("cli_imports.undone", {"undone": result["undone"], "now": now}))


def _undone(layer: str, counts: dict[str, int], keys: list[str]) -> dict[str, object]:
    shown = listed(keys[:_SHOWN])
    return {
        "heads.layer": term(layer, LAYERS),
        "heads.added": counts["added"],
        "heads.changed": counts["changed"],
        "heads.removed": counts["removed"],
        "heads.keys": f"{shown} ..." if len(keys) > _SHOWN else shown,
    }
