"""``lifecircle partition``: grids and beats drawn by counting."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.console.notices import tell, tell_written
from api.console.options import CodeArgument, DbOption, JsonOption, actor_of, settings_for
from api.console.output import print_json, print_table, print_text, say, step
from geo.errors import InputError

if TYPE_CHECKING:
    from api.partitions.answers import Proposal, Update


_SHOWN = 12
"""Grids and beats out of their band that the terminal shows."""


def draw_partition(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same grids.")] = 1,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="GRID", help="Code of a grid that stays; may be repeated."),
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Store them in place of the grids and beats there are.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Draw anew only grids that have left their band.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the grids: .geojson, .gpkg, .parquet."),
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="FILE", help="Write who works where: .csv.")
    ] = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw small grids of 30-50 households, their parents, and beats of about 100 households."""
    from api.console.files import check_folder, check_target  # noqa: PLC0415 - heavy
    from api.partitions.answers import (  # noqa: PLC0415 - heavy
        PartitionQuestion,
        Update,
        answer_of,
        propose,
        propose_update,
        save_plan,
    )
    from api.partitions.files import write  # noqa: PLC0415 - heavy
    from boundaries.standards.catalogue import load_standard  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Deed  # noqa: PLC0415 - heavy

    if update and roster is not None:
        raise InputError("Got --update with --roster; wanted one of them: it draws no beats.")
    if out is not None:
        check_target(out)
    if roster is not None:
        check_folder(roster)
    settings = settings_for(ctx, db=db)
    with closing(open_store(settings.db)) as store:
        question = PartitionQuestion(seed, tuple(keep or ()), save, update)
        result: Proposal | Update
        with step(f"drawing the grids of {code}"):
            if update:
                result = propose_update(store, code, question)
            else:
                result = propose(store, code, question)
        revision = None
        if save:
            how = "update" if update else "partition"
            deed = Deed(f"{how} of grids, seed {seed}", actor_of(settings))
            revision = save_plan(store, result, deed=deed)
    standard = load_standard(settings.standard or None)
    written = write(result, standard, grids=out, roster=roster)
    if written:
        tell_written(written)
    if as_json:
        print_json(answer_of(result, revision))
        return
    if isinstance(result, Update):
        _print_update(result)
    else:
        _print(result)
    _close(result, revision)


def _print_update(update: "Update") -> None:
    from api.formats.json import records  # noqa: PLC0415 - heavy

    print_text(f"{len(update.changed)} grids drawn anew, added or retired.")
    if len(update.changed):
        print_table("Changed", records(update.changed))
    if len(update.left):
        print_table("Still out of their band", records(update.left))


def _print(proposal: "Proposal") -> None:
    from api.formats.json import records  # noqa: PLC0415 - heavy

    report, district = proposal.report, proposal.district
    lived = report.in_band + report.out_of_band
    print_text(
        f"{district.code} {district.name_zh} {district.name_en}: {report.households:,} households; "
        f"{report.grids['large']} large, {report.grids['medium']} medium and "
        f"{report.grids['small']} small grids."
    )
    print_text(
        f"In the band of 30-50 households: {report.in_band} of {lived} small grids with households"
        f" ({_percent(report.in_band, lived)})."
    )
    beats = report.beats_in_band + report.beats_out_of_band
    print_text(
        f"Service workers: {report.workers}, one per 100 households would be "
        f"{report.standard_workers}; beats of 80-120 households: {report.beats_in_band} of {beats} "
        f"({_percent(report.beats_in_band, beats)})."
    )
    if report.compactness:
        shares = ", ".join(f"{name} {value:.2f}" for name, value in report.compactness.items())
        print_text(f"Compactness (Polsby-Popper) of small grids: {shares}.")
    if len(report.faults):
        print_table("Out of their band", records(report.faults.head(_SHOWN)))
        if len(report.faults) > _SHOWN:
            say(f"{len(report.faults) - _SHOWN} more; --json names them.")
    if report.outside:
        say(f"Outside the district, in no grid: {len(report.outside)} buildings.")


def _close(result: "Proposal | Update", revision: int | None) -> None:
    """Print whether the plan was stored, and the sources of its data."""
    from api.snapshot.provenance import provenance  # noqa: PLC0415 - heavy

    if revision is None:
        say("Nothing was stored; --save does it.")
    else:
        say(f"Stored as revision {revision}; `lifecircle lineage` says what became what.")
    tell(provenance(result.district))


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"
