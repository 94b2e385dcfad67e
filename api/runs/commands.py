"""``lifecircle runs`` and ``lifecircle rerun``: results that were kept, and recomputing them."""

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    actor_of,
    settings_for,
)
from api.console.output import percent, print_json, print_table, print_text, step
from api.console.question import DistrictCommand
from geo.errors import InputError
from geo.messages import Message

if TYPE_CHECKING:
    from api.runs.answers import Comparison
    from boundaries.store.runs import Run, RunTable


DIFFERENT = 1
"""Exit code of a rerun whose bytes differ."""


def keep_coverage(command: DistrictCommand) -> str:
    """Compute the coverage of a district, keep it as a run, and return the name of that.

    Raises
    ------
    InputError
        If it is to be as of a day, which later changes may tell otherwise.
    """
    from api.runs.answers import compute, keep_run, make_run  # noqa: PLC0415 - heavy

    question, snapshots = command.question, command.snapshots
    if isinstance(question.as_of, date):
        raise InputError("cli_runs.of_a_day", day=question.as_of, code=command.code)
    made_from, result = compute(snapshots.current(command.code, question.as_of), question)
    run = make_run(made_from, result, actor=actor_of(command.settings))
    keep_run(snapshots.store, run, result)
    return run.run


def print_runs(
    ctx: typer.Context, code: CodeArgument, *, db: DbOption = None, as_json: JsonOption = False
) -> None:
    """List the coverage runs that were kept."""
    from api.runs.answers import run_row  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy
    from boundaries.store.runs import RunTable  # noqa: PLC0415 - heavy

    with closing(open_store(settings_for(ctx, db=db).db)) as store:
        store.district(code)
        table = RunTable(store)
        result = table.runs(code)
        if as_json:
            print_json({"runs": [run_row(run) for run in result]})
            return
        title = Message("cli_runs.title", {"code": code})
        print_table(title, [_line(table, run) for run in result])


def _line(table: "RunTable", run: "Run") -> dict[str, object]:
    from boundaries.store.runs import WHOLE  # noqa: PLC0415 - heavy
    from geo.accessibility.gaps import ALL  # noqa: PLC0415 - heavy

    made_from = run.ingredients
    total = next(s for s in table.shares(run.run, code=WHOLE) if s.category == ALL)
    share = total.covered / total.households if total.households else None
    return {
        "heads.run": run.run,
        "heads.revision": run.revision,
        "heads.kept": run.at[:19],
        "heads.minutes": made_from["parameters"].get("tier") or made_from["parameters"]["minutes"],
        "heads.walker": made_from["profile"],
        "heads.standard": f"{made_from['standard']['id']} {made_from['standard']['version']}",
        "heads.all_categories": percent(share),
        "heads.sha256": run.sha256[:12],
    }


def rerun(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="Name of the run.")],
    *,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute a run again; exit 0 if the bytes are the same."""
    from api.runs.answers import rerun as compute_again  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy

    doing = step(Message("cli_runs.again", {"run": run}))
    with closing(open_store(settings_for(ctx, db=db).db)) as store, doing:
        result = compute_again(store, run)
    if as_json:
        differs = [str(what) for what in result.differs]
        about = {"same": result.same, "sha256": result.sha256, "differs": differs}
        print_json({"run": run, **about})
    else:
        _print(result)
    if not result.same:
        raise typer.Exit(DIFFERENT)


def _print(comparison: "Comparison") -> None:
    run = comparison.run
    made = {"district": run.district, "revision": run.revision, "at": run.at[:19]}
    told = {"run": run.run, "about": Message("cli_runs.about", made), "sha256": comparison.sha256}
    if comparison.same:
        print_text(Message("cli_runs.same", told))
    else:
        print_text(Message("cli_runs.other", told))
        print_text(Message("cli_runs.sha256", {"then": run.sha256, "now": comparison.sha256}))
    for what in comparison.differs:
        print_text(Message("cli_runs.differs", {"what": what}))
