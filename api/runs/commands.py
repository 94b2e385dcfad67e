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
    snapshots_of,
)
from api.console.output import percent, print_json, print_table, print_text, step
from geo.errors import InputError

if TYPE_CHECKING:
    from api.parameters import CoverageQuestion
    from api.runs.answers import Comparison
    from boundaries.store.runs import Run, RunTable


DIFFERENT = 1
"""Exit code of a rerun whose bytes differ."""


def keep_coverage(
    ctx: typer.Context,
    code: str,
    question: "CoverageQuestion",
    **given: str | None,
) -> str:
    """Compute the coverage of a district, keep it as a run, and return the name of that.

    Raises
    ------
    InputError
        If it is to be as of a day, which later changes may tell otherwise.
    """
    from api.runs.answers import compute, keep_run, make_run  # noqa: PLC0415 - heavy

    if isinstance(question.as_of, date):
        raise InputError(
            f"Got --keep with --as-of {question.as_of}; wanted a revision, for what is known of a "
            f"day may change. See `lifecircle log {code}`."
        )
    settings = settings_for(ctx, **given)
    snapshots = snapshots_of(settings)
    snapshot = snapshots.current(code, question.as_of)
    made_from, result = compute(snapshot, question)
    run = make_run(made_from, result, actor=actor_of(settings))
    keep_run(snapshots.store, run, result)
    return run.run


def print_runs(
    ctx: typer.Context, code: CodeArgument, *, db: DbOption = None, as_json: JsonOption = False
) -> None:
    """List the coverage runs of a district that were kept."""
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
        print_table(f"Runs of {code}", [_line(table, run) for run in result])


def _line(table: "RunTable", run: "Run") -> dict[str, object]:
    from boundaries.store.runs import WHOLE  # noqa: PLC0415 - heavy
    from geo.accessibility.gaps import ALL  # noqa: PLC0415 - heavy

    made_from = run.ingredients
    total = next(s for s in table.shares(run.run, code=WHOLE) if s.category == ALL)
    return {
        "run": run.run,
        "revision": run.revision,
        "kept": run.at[:19],
        "minutes": made_from["parameters"]["minutes"],
        "profile": made_from["profile"],
        "standard": f"{made_from['standard']['id']} {made_from['standard']['version']}",
        "all categories": percent(total.covered / total.households if total.households else None),
        "sha256": run.sha256[:12],
    }


def rerun(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="Name of the run.")],
    *,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute a run again, by its own revision and standard: exit 0 if the bytes are the same."""
    from api.runs.answers import rerun as compute_again  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy

    with closing(open_store(settings_for(ctx, db=db).db)) as store, step(f"running {run} again"):
        result = compute_again(store, run)
    if as_json:
        names = ("same", "sha256", "differs")
        print_json({"run": run, **{name: getattr(result, name) for name in names}})
    else:
        _print(result)
    if not result.same:
        raise typer.Exit(DIFFERENT)


def _print(comparison: "Comparison") -> None:
    run = comparison.run
    about = f"{run.district}, revision {run.revision}, kept {run.at[:19]}"
    if comparison.same:
        print_text(f"Run {run.run} ({about}): same bytes, sha256 {comparison.sha256}.")
    else:
        print_text(f"Run {run.run} ({about}): not the same bytes.")
        print_text(f"sha256 {run.sha256} then, {comparison.sha256} now.")
    for what in comparison.differs:
        print_text(f"differs: {what}")
