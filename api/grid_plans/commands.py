"""``lifecircle grids``: check, repair and edit the grid plan, and see whether it is staffed."""

from collections.abc import Hashable, Mapping

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    actor_of,
    settings_for,
    snapshots_of,
)
from api.console.output import print_json, print_table, print_text, say
from api.console.question import DistrictCommand, district_command
from api.formats.aliases import Json
from api.grid_plans.edit_commands import SaveOption, print_faults
from geo.messages import Message

FAULTY = 1
"""Exit code of a check that found a grave fault."""


@district_command()
def check_plan(command: DistrictCommand) -> None:
    """List every fault of the grid plan; exit 1 if one is grave.

    Each with its place, its size and what would mend it.
    """
    from api.grid_plans.answers import check_answer, find_faults  # noqa: PLC0415 - heavy

    snapshots, as_of = command.snapshots, command.question.as_of
    snapshot = snapshots.current(command.code, as_of)
    faults = find_faults(snapshot, snapshots.store, as_of=as_of)
    answer = command.dated(check_answer(snapshot, faults))
    if command.as_json:
        print_json(answer)
    else:
        if as_of is not None:
            say(Message("console.as_of", {"as_of": as_of, "revision": answer["revision"]}))
        counts = {"faults": len(answer["faults"]), "grids": len(snapshot.layers.grids)}
        print_text(Message("cli_grids.found", {**counts, "code": command.code}))
        print_faults(Message("cli_grids.faults"), answer["faults"])
        if answer["unfilled_m2"]:
            print_text(Message("cli_grids.unfilled", {"km2": answer["unfilled_m2"] / 1e6}))
    if any(fault["grave"] for fault in answer["faults"]):
        raise typer.Exit(FAULTY)


def repair_plan(
    ctx: typer.Context, code: CodeArgument, *, save: SaveOption = False, db: DbOption = None
) -> None:
    """Close slivers and overlaps of grids; none is taken away.

    Shows first which ground changes, then what is left to people. A grid with a wrong parent is
    put under the one that holds it; one that bears the former code of another gets a new one.
    """
    from api.grid_plans.repair import (  # noqa: PLC0415 - heavy
        propose_repair,
        renumbered_rows,
        reparented_rows,
        save_repair,
    )
    from boundaries.store.tables.records import Commit  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db)
    snapshots = snapshots_of(ctx, settings)
    snapshot = snapshots.current(code)
    proposal = propose_repair(snapshot, snapshots.store)
    counts = {"repaired": len(proposal.repaired), "left": len(proposal.left)}
    print_text(Message("cli_grids.repaired", counts))
    areas = [_area(row) for row in proposal.areas.to_dict("records")]
    print_table(Message("cli_grids.ground"), areas)
    if proposal.reparented:
        print_table(Message("cli_grids.new_parents"), list(map(_parent, reparented_rows(proposal))))
    if proposal.renumbered:
        print_table(Message("cli_grids.new_codes"), list(map(_code, renumbered_rows(proposal))))
    for fault in proposal.left:
        say(Message("cli_grids.left", {"fault": fault.text, "repair": fault.repair}))
    if save:
        commit = Commit(what=Message("grid_edit.logged_repair"), actor=actor_of(settings))
        revision = save_repair(snapshot, snapshots.store, proposal, commit=commit)
        say(Message("console.stored", {"revision": revision}))
    else:
        say(Message("console.not_stored"))


def _area(row: Mapping[Hashable, object]) -> dict[str, object]:
    return {
        "heads.code": row["code"],
        "heads.area_before": row["before_m2"],
        "heads.area_after": row["after_m2"],
        "heads.area_gained": row["gained_m2"],
        "heads.area_lost": row["lost_m2"],
    }


def _parent(row: Json) -> Json:
    return {"heads.code": row["code"], "heads.parent": row["parent"] or "-"}


def _code(row: Json) -> Json:
    return {"heads.old_code": row["old_code"], "heads.new_code": row["new_code"]}
