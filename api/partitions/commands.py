"""``lifecircle partition``: grids and beats drawn by counting."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.console.grid_rules import (
    BandOption,
    BeatOption,
    ReachOption,
    WeightOption,
    asked_rules,
)
from api.console.notices import print_notices, print_written
from api.console.options import CodeArgument, DbOption, JsonOption, actor_of, settings_for
from api.console.output import percent, print_json, print_table, print_text, say, step
from api.console.terms import CHANGES, OUT_OF_BAND, full_name, term
from api.formats.aliases import Json
from geo.errors import InputError
from geo.messages import Message

if TYPE_CHECKING:
    import pandas as pd

    from api.partitions.answers import Proposal, Update


_SHOWN = 12
"""Grids and beats out of their band that the terminal shows."""


def draw_partition(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=2**31 - 1, help="The same seed, the same grids.")
    ] = 1,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="GRID", help="Code of a grid that stays; may be repeated."),
    ] = None,
    band: BandOption = None,
    beat: BeatOption = None,
    weight: WeightOption = None,
    reach: ReachOption = None,
    save: Annotated[
        bool, typer.Option("--save", help="Store them in place of the grids and beats there are.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Redraw only grids that have left their band.")
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
    """Draw grids and service areas of workers.

    Small grids of 30-50 households, their parents, and beats of about 100 households, or as the
    district has set.
    """
    from api.console.files import check_folder, check_target  # noqa: PLC0415 - heavy
    from api.partitions.answers import answer_of, draw, save_proposal  # noqa: PLC0415 - heavy
    from api.partitions.files import write  # noqa: PLC0415 - heavy
    from api.partitions.schemas import PartitionQuestion  # noqa: PLC0415 - heavy
    from boundaries.standards.catalogue import load_standard  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy

    if update and roster is not None:
        raise InputError("cli_partition.both")
    if out is not None:
        check_target(out)
    if roster is not None:
        check_folder(roster)
    settings = settings_for(ctx, db=db)
    question = PartitionQuestion(
        seed=seed, keep=keep or [], save=save, update=update,
        **asked_rules(band=band, beat=beat, weight=weight, reach=reach),
    )  # fmt: skip
    with closing(open_store(settings.db)) as store:
        with step(Message("cli_partition.drawing", {"code": code})):
            result = draw(store, code, question)
        actor = actor_of(settings)
        revision = save_proposal(store, result, question, actor=actor) if save else None
    standard = load_standard(settings.standard or None)
    written = write(result, standard, grids=out, roster=roster)
    if written:
        print_written(written)
    if as_json:
        print_json(answer_of(result, revision))
    else:
        _print(result, revision)


def _print(result: "Proposal | Update", revision: int | None) -> None:
    """Print what was drawn, whether it was stored, and the sources of its data."""
    from api.partitions.answers import Update  # noqa: PLC0415 - heavy
    from api.snapshot.provenance import provenance  # noqa: PLC0415 - heavy

    if isinstance(result, Update):
        _print_update(result)
    else:
        _print_proposal(result)
    if result.faults:
        told = {"n": len(result.faults), "first": result.faults[0].text}
        say(Message("cli_partition.faulted", told))
    if revision is None:
        say(Message("cli_partition.not_stored"))
    else:
        say(Message("cli_partition.stored", {"revision": revision}))
    print_notices(provenance(result.district))


def _print_update(update: "Update") -> None:
    from api.formats.json import records  # noqa: PLC0415 - heavy

    print_text(Message("cli_partition.updated", {"n": len(update.changed)}))
    if len(update.changed):
        changed = list(map(_changed, records(update.changed)))
        print_table(Message("cli_partition.changed"), changed)
    if len(update.left):
        left = [
            {"heads.code": row["code"], "heads.households": row["households"]}
            for row in records(update.left)
        ]
        print_table(Message("cli_partition.left"), left)


def _changed(row: Json) -> Json:
    return {
        "heads.code": row["code"],
        "heads.change": term(row["change"], CHANGES),
        "heads.households": row["households"],
        "heads.because": row["because"],
    }


def _print_proposal(proposal: "Proposal") -> None:
    from api.formats.json import records  # noqa: PLC0415 - heavy

    report, district = proposal.report, proposal.district
    lived = report.in_band + report.out_of_band
    named = f"{district.code} {full_name(district.name_zh, district.name_en)}"
    drawn = {"name": named, "households": report.households, **report.grids}
    print_text(Message("cli_partition.drawn", drawn))
    share = percent(report.in_band / lived if lived else None)
    in_band = {"n": report.in_band, "lived": lived, "share": share}
    print_text(Message("cli_partition.in_band", in_band))
    beats = report.beats_in_band + report.beats_out_of_band
    workers = {
        "workers": report.workers,
        "standard": report.standard_workers,
        "n": report.beats_in_band,
        "beats": beats,
        "share": percent(report.beats_in_band / beats if beats else None),
    }
    print_text(Message("cli_partition.workers", workers))
    if report.compactness:
        print_text(Message("cli_partition.compactness", report.compactness))
    if len(report.faults):
        faults = list(map(_fault, records(report.faults.head(_SHOWN))))
        print_table(Message("cli_partition.out_of_band"), faults)
        if len(report.faults) > _SHOWN:
            say(Message("cli_partition.more", {"n": len(report.faults) - _SHOWN}))
    say(Message("cli_partition.reach", {"m": report.reach_m}))
    _print_splits(report.splits)
    if report.outside:
        say(Message("cli_partition.outside", {"n": len(report.outside)}))


def _print_splits(splits: "pd.DataFrame") -> None:
    """Print how buildings over the band can be split by staircase."""
    from api.formats.json import records  # noqa: PLC0415 - heavy

    if len(splits):
        print_table(Message("cli_partition.splits"), list(map(_split, records(splits[:_SHOWN]))))
    if len(splits) > _SHOWN:
        say(Message("cli_partition.more_splits", {"n": len(splits) - _SHOWN}))


def _split(row: Json) -> Json:
    return {
        "heads.code": row["code"],
        "heads.building": row["building"],
        "heads.households": row["households"],
        "heads.staircases": row["staircases"],
        "heads.parts": " + ".join(str(part["households"]) for part in row["parts"]),
    }


def _fault(row: Json) -> Json:
    return {
        "heads.kind": term(row["kind"], OUT_OF_BAND),
        "heads.code": row["code"],
        "heads.households": row["households"],
        "heads.reason": term(row["reason"], OUT_OF_BAND),
    }
