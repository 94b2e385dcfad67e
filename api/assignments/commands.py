"""``lifecircle assign``: points, addresses with coordinates or buildings to their grids."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from api.console.notices import print_written
from api.console.options import CrsOption, FileArgument, existing_file
from api.console.output import print_json, print_table, print_text
from api.console.question import DistrictCommand, district_command
from api.console.terms import ASSIGNED, term
from geo.messages import Message

_HEADS: Final = {
    "large": "heads.large",
    "medium": "heads.medium",
    "small": "heads.small",
    "status": "heads.status",
    "reason": "heads.reason",
    "nearest": "heads.nearest_grid",
    "distance_m": "heads.distance_m",
}
"""Column of an assigned point -> head."""


@district_command()
def assign_file(
    command: DistrictCommand,
    file: FileArgument,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write .csv, .json or .arrow, a row per point."),
    ] = None,
    crs: CrsOption = None,
) -> None:
    """Show the grids of each point of a file.

    Large, medium and small; a large grid is a community.
    """
    from api.assignments.answers import count_statuses  # noqa: PLC0415 - heavy
    from api.assignments.tables import assign_table, table_answer, table_bytes  # noqa: PLC0415 - heavy
    from api.console.files import check_target, write_atomically  # noqa: PLC0415 - heavy
    from boundaries.readers.places.local_crs import own_crs  # noqa: PLC0415 - heavy
    from boundaries.readers.point_table import PointFormat, read_point_file  # noqa: PLC0415 - heavy

    existing_file(file)
    if out is not None:
        check_target(out, [f".{kind}" for kind in PointFormat])
    snapshot = command.snapshot()
    points = read_point_file(file, crs=own_crs(crs, snapshot.district))
    table = assign_table(snapshot, points)
    if out is not None:
        kind = PointFormat(out.suffix.lower().lstrip("."))
        content = table_bytes(snapshot, points, table, kind)
        write_atomically(out, lambda part: part.write_bytes(content))
        print_written([out])
    if command.as_json:
        print_json(table_answer(snapshot, points, table))
        return
    counts = count_statuses(table)
    rows = [
        {"heads.status": term(status, ASSIGNED), "heads.point_count": count}
        for status, count in counts.items()
    ]
    about = {"points": len(table), "file": file.name, "code": command.code}
    print_text(Message("cli_assign.counted", about))
    print_table(Message("cli_assign.by_status"), rows)
    if out is None:
        shown = table.astype(object).where(table.notna(), None)
        print_table(Message("cli_assign.by_point"), list(map(_point, shown.to_dict("records"))))


def _point(row: Mapping[Hashable, object]) -> dict[str, object]:
    """Return a point with its grids; its own columns are headed as in the file."""
    headed = {_HEADS.get(str(name), str(name)): value for name, value in row.items()}
    words = {_HEADS[name]: term(row[name], ASSIGNED) for name in ("status", "reason")}
    return {**headed, **words}
