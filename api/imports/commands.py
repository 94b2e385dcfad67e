"""``lifecircle imports`` and ``undo``: what was imported, and taking the last import back."""

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    actor_of,
    settings_for,
    store_of,
)
from api.console.output import print_json, print_table, print_text


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
            "revision": row["revision"],
            "at": row["imported_at"][:19],
            "source": row["source"],
            "sha256": row["sha256"][:12] or "-",
            "accepted": ", ".join(f"{n} {x['accepted']}" for n, x in row["layers"].items()),
            "rejected": sum(len(x["rejected"]) for x in row["layers"].values()),
            "undone by": row["undone"] or "-",
        }
        for row in answer["imports"]
    ]
    print_table(f"Imports of {code} (reports with --json)", rows)


def undo_import(
    ctx: typer.Context, code: CodeArgument, *, db: DbOption = None, as_json: JsonOption = False
) -> None:
    """Undo the last import, if nothing else changed the district since."""
    from api.imports.answers import undo  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Deed  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db)
    result = undo(store_of(ctx, db), code, deed=Deed(actor=actor_of(settings)))
    if as_json:
        print_json(result)
        return
    now = f"district {code} is at revision {result['revision']}"
    if not result["revision"]:
        now = f"it had made district {code}, which is gone"
    print_text(f"The import of {result['source']} is undone: {now}.")
