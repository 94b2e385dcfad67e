"""``lifecircle grids``: check, repair and edit the grid plan, and see whether it is staffed."""

import typer

from api.console.options import (
    AsOfOption,
    CodeArgument,
    DbOption,
    JsonOption,
    actor_of,
    moment_of,
    settings_for,
    snapshots_of,
    told_as_of,
)
from api.console.output import print_json, print_table, print_text, say
from api.grid_plans.edit_commands import SaveOption, print_faults

FAULTY = 1
"""Exit code of a check that found a grave fault."""


def check_plan(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    as_of: AsOfOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name every fault of the plan with its place, size and repair; exit 1 if one is grave."""
    from api.grid_plans.answers import check_answer, find_faults  # noqa: PLC0415 - heavy

    snapshots, moment = snapshots_of(settings_for(ctx, db=db)), moment_of(as_of)
    snapshot = snapshots.current(code, moment)
    faults = find_faults(snapshot, snapshots.store, as_of=moment)
    answer = {**check_answer(snapshot, faults), **told_as_of(as_of)}
    if as_json:
        print_json(answer)
    else:
        if as_of is not None:
            say(f"As of {as_of}: revision {answer['revision']}.")
        grids = len(snapshot.layers.grids)
        print_text(f"{len(answer['faults'])} faults in the {grids} grids of {code}")
        print_faults("Faults", answer["faults"])
    if any(fault["grave"] for fault in answer["faults"]):
        raise typer.Exit(FAULTY)


def repair_plan(
    ctx: typer.Context, code: CodeArgument, *, save: SaveOption = False, db: DbOption = None
) -> None:
    """Close slivers, overlaps and borders that do not match; show first which ground changes.

    A grid that bears a code which was another grid's before gets one that no grid ever bore.
    """
    from api.grid_plans.repair import propose_repair, renumbered_rows, save_repair  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Deed  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db)
    snapshots = snapshots_of(settings)
    snapshot = snapshots.current(code)
    proposal = propose_repair(snapshot, snapshots.store)
    print_text(f"{len(proposal.repaired)} faults mended, {len(proposal.left)} left")
    areas = proposal.areas.to_dict("records")
    print_table(
        "Ground that changes hands, m2", [{str(k): v for k, v in row.items()} for row in areas]
    )
    if proposal.renumbered:
        print_table("New codes", renumbered_rows(proposal))
    for fault in proposal.left:
        say(f"Left: {fault.text} {fault.repair}")
    if proposal.gone:
        say(f"Nothing is left of {', '.join(proposal.gone)}.")
    if save:
        deed = Deed(what="grids repaired", actor=actor_of(settings))
        say(f"Stored as revision {save_repair(snapshot, snapshots.store, proposal, deed=deed)}.")
    else:
        say("Nothing was changed; --save stores it.")
