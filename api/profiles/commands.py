"""``lifecircle profiles``: the walkers of a district, and setting its own."""

from pathlib import Path
from typing import Annotated

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    StandardOption,
    actor_of,
    existing_file,
    settings_for,
    snapshots_of,
)
from api.console.output import print_json, print_table
from api.console.terms import VERIFIED, term, walker_name
from api.formats.aliases import Json
from geo.messages import Message, language


def work_on_profiles(
    ctx: typer.Context,
    code: CodeArgument,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="YAML with the district's own walkers, to store."),
    ] = None,
    *,
    standard: StandardOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the walkers of a district, or set its own."""
    from api.profiles.answers import profiles_answer, store_profiles  # noqa: PLC0415 - heavy
    from boundaries.standards.catalogue import read_yaml  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Commit  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db, standard=standard)
    snapshots = snapshots_of(ctx, settings)
    if file is not None:
        entries = read_yaml(existing_file(file)).get("profiles")
        commit = Commit(actor=actor_of(settings))
        store_profiles(snapshots.store, code, entries, snapshots.standard, commit=commit)
    answer = profiles_answer(snapshots.current(code))
    if as_json:
        print_json(answer)
        return
    rows = [_row(each) for each in answer["profiles"]]
    print_table(Message("cli_standard.walkers_of", {"code": code}), rows)


def _row(profile: Json) -> Json:
    from api.snapshot.profiles import walker_text  # noqa: PLC0415 - heavy
    from boundaries.standards.chinese import in_language  # noqa: PLC0415 - heavy

    return {
        "heads.walker": walker_name(profile),
        "heads.rule": walker_text(profile),
        "heads.quarter_hour_m": round(profile["speed_m_s"] * 900),
        "heads.source": in_language(profile["source"], language()),
        "heads.verified": term(profile["verified"], VERIFIED),
    }
