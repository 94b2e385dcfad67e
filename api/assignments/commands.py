"""``lifecircle assign``: points, addresses with coordinates or buildings to their grids."""

from pathlib import Path
from typing import Annotated

import typer

from api.console.notices import tell_written
from api.console.options import (
    AsOfOption,
    CodeArgument,
    CrsOption,
    DbOption,
    FileArgument,
    JsonOption,
    existing_file,
    snapshot_of,
)
from api.console.output import print_json, print_table, print_text


def assign_file(
    ctx: typer.Context,
    code: CodeArgument,
    file: FileArgument,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write .csv, .json or .arrow, a row per point."),
    ] = None,
    crs: CrsOption = None,
    as_of: AsOfOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the large, medium and small grid of each point of a file; a large one is a community."""
    from api.assignments.answers import count_statuses  # noqa: PLC0415 - heavy
    from api.assignments.tables import assign_table, table_answer, table_bytes  # noqa: PLC0415 - heavy
    from api.console.files import check_target, write_atomically  # noqa: PLC0415 - heavy
    from boundaries.readers.point_table import PointFormat, read_point_file  # noqa: PLC0415 - heavy

    existing_file(file)
    if out is not None:
        check_target(out, [f".{kind}" for kind in PointFormat])
    snapshot = snapshot_of(ctx, code, as_of=as_of, db=db)
    points = read_point_file(file, crs=crs)
    table = assign_table(snapshot, points)
    if out is not None:
        kind = PointFormat(out.suffix.lower().lstrip("."))
        content = table_bytes(snapshot, points, table, kind)
        write_atomically(out, lambda part: part.write_bytes(content))
        tell_written([out])
    if as_json:
        print_json(table_answer(snapshot, points, table))
        return
    counts = count_statuses(table)
    rows = [{"status": status, "points": count} for status, count in counts.items()]
    print_text(f"{len(table)} points of {file.name} in the grids of {code}")
    print_table("By status", rows)
    if out is None:
        shown = table.astype(object).where(table.notna(), None)
        listed = [
            {str(name): value for name, value in row.items()} for row in shown.to_dict("records")
        ]
        print_table("Point by point", listed)
