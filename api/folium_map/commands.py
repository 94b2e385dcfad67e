"""``lifecircle map``: the district as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from api.console.output import print_json, print_text, step
from api.console.question import PACE, DistrictCommand, district_command
from geo.messages import Message, language


@district_command("minutes", "tier", *PACE)
def write_map(
    command: DistrictCommand,
    *,
    out: Annotated[Path, typer.Option("--out", help="HTML file to write.")],
) -> None:
    """Write the map as one HTML file that opens offline."""
    from api.console.files import check_folder, write_atomically  # noqa: PLC0415 - heavy
    from api.folium_map.answers import folium_html  # noqa: PLC0415 - heavy

    check_folder(out)
    snapshot = command.snapshot()
    with step(Message("cli_map.drawing", {"code": command.code})):
        text = folium_html(snapshot, command.question, lang=language())
    content = text.encode()
    write_atomically(out, lambda part: part.write_bytes(content))
    if command.as_json:
        print_json({"file": str(out), "bytes": len(content)})
    else:
        print_text(Message("cli_map.written", {"file": out, "megabytes": len(content) / 1e6}))
