"""``lifecircle control-points``: the local systems of a district, and setting one."""

from pathlib import Path
from typing import Annotated, Final

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    actor_of,
    existing_file,
    settings_for,
    store_of,
)
from api.console.output import print_json, print_table, print_text
from api.formats.aliases import Json
from geo.messages import Message

_FITS: Final = {"plane": "control_points_set.plane", "datum": "control_points_set.datum"}


def work_on_control_points(
    ctx: typer.Context,
    code: CodeArgument,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Table of x, y, and lon, lat or x2, y2; to store."),
    ] = None,
    *,
    name: Annotated[
        str, typer.Option("--name", help="What loads name the system by: --crs NAME.")
    ] = "local",
    crs: Annotated[
        str | None,
        typer.Option(
            "--crs", metavar="EPSG:n", help="CRS of an old datum that x and y are in; else a plane."
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option("--tolerance", min=0.0, help="Largest residual accepted, metres; else 0.5."),
    ] = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """List local systems, or fit one to control points."""
    from api.control_points.answers import (  # noqa: PLC0415 - heavy
        control_points_answer,
        set_control_points,
    )
    from boundaries.imports.control_points import (  # noqa: PLC0415 - heavy
        TOLERANCE_M,
        LocalSystem,
        read_control_points,
    )
    from boundaries.store.tables.records import Commit  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    if file is None:
        answer = control_points_answer(store, code)
    else:
        points = read_control_points(existing_file(file), store.district(code))
        system = LocalSystem(name, crs, TOLERANCE_M if tolerance is None else tolerance)
        commit = Commit(actor=actor_of(settings_for(ctx, db=db)))
        answer = set_control_points(store, code, points, system, source=file.name, commit=commit)
    if as_json:
        print_json(answer)
        return
    if not answer["systems"]:
        print_text(Message("control_points_set.none", {"code": code}))
    for each in answer["systems"]:
        rows = [
            {
                "heads.control_point": point["point"],
                "heads.residual_m": f"{point['residual_m']:.3f}",
            }
            for point in each["points"]
        ]
        print_text(Message(_FITS[each["kind"]], _said(each)))
        print_table(Message("control_points_set.residuals", {"name": each["name"]}), rows)


def _said(system: Json) -> Json:
    towgs84 = system["parameters"].get("towgs84", [])
    return {**system, "towgs84": [f"{each:.4f}" for each in towgs84]}
