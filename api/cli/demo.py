"""``lifecircle demo``: two districts, one real and one synthetic, on a map."""

import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.cli.doctor import engine_is_compiled
from api.cli.serve import LOOPBACK, HostOption, PortOption, listen, run
from api.console.options import DbOption, JsonOption, settings_for
from api.console.output import percent, print_json, print_table, say, step
from api.settings import PREFIX
from geo.errors import NotFoundError

if TYPE_CHECKING:
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
    """Load Helsinki (real) and Bincheng (synthetic), compute coverage, open the map.

    Existing districts are used as they are, so the second run starts at once.
    """
    settings = settings_for(ctx, db=db, host=host, port=port)
    if settings.host in LOOPBACK and f"{PREFIX}EDITABLE" not in os.environ:
        settings = replace(settings, editable=True)  # nobody else can reach it
    with listen(settings) if serve else nullcontext() as listener:
        with step("starting"):
            from api.app import create_app  # noqa: PLC0415 - heavy
            from api.snapshot.open import open_snapshots  # noqa: PLC0415 - heavy
            from boundaries.store.open import open_store, place_of  # noqa: PLC0415 - heavy

            store = open_store(settings.db, create=True)
            snapshots = open_snapshots(settings)
        street = None if all_streets else STREET
        _fill(store, snapshots.standard, households=households, street=street)
        rows = _compute(snapshots)
        if as_json:
            print_json({"db": place_of(settings.db), "districts": rows})
        else:
            print_table("Within 15 minutes on foot (adult)", [_shown(row) for row in rows])
        if listener is not None:
            run(create_app(settings, snapshots=snapshots), settings, listener)


def _fill(store: "Store", standard: "Standard", *, households: int, street: str | None) -> None:
    """Load the districts that are not there yet."""
    if not engine_is_compiled():
        say("The engine is compiled on the way, once; later runs start at once.")
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
        say(f"Helsinki is left out: {error}")
        return
    with step("loading Helsinki from OpenStreetMap and drawing its grids"):
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
    from boundaries.store.tables.records import Deed  # noqa: PLC0415 - heavy

    with step(f"building a synthetic town of {households:,} households in Bincheng"):
        try:
            district, layers = bincheng(households=households, street=street)
        except NotFoundError as error:
            say(f"Bincheng is left out: {error}")
            return
    with step("storing Bincheng"):
        report = ImportReport(f"synthetic town, {households} households")
        store.replace(district, layers, deed=Deed("demo district", report=report))


def _compute(snapshots: "Snapshots") -> list[dict[str, object]]:
    """Compute the coverage of both districts once, so that the map answers at once."""
    from api.parameters import CoverageQuestion  # noqa: PLC0415 - heavy

    rows: list[dict[str, object]] = []
    for district in snapshots.store.districts():
        if district.code not in (HELSINKI, BINCHENG):
            continue
        with step(f"walking from every building in {district.name_en}"):
            snapshot = snapshots.current(district.code)
            table = snapshot.coverage("district", CoverageQuestion())
        total = table.iloc[0]
        outside, _ = snapshot.outside()
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
                "count_mean": float(total["count_mean"]),
                "outside_buildings": outside,
            }
        )
    return rows


def _shown(row: dict[str, object]) -> dict[str, object]:
    label = " (synthetic)" if row["synthetic"] else ""
    return {
        "district": row["district"],
        "name": f"{row['name_zh']} {row['name_en']}{label}",
        "buildings": row["buildings"],
        "households": row["households"],
        "small grids": row["small_grids"],
        "service points": row["service_points"],
        "reach all": percent(float(str(row["coverage_all"]))),
        "mean of categories": row["count_mean"],
        "in no grid": row["outside_buildings"],
    }
