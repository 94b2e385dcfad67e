"""``lifecircle map``: the district as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from api.console.options import (
    AsOfOption,
    CodeArgument,
    DbOption,
    JsonOption,
    LangOption,
    MinutesOption,
    ProfileOption,
    StandardOption,
    check_minutes,
    snapshot_of,
)
from api.console.output import print_json, print_text, step


def write_map(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    out: Annotated[Path, typer.Option("--out", help="HTML file to write.")],
    minutes: MinutesOption = 15,
    profile: ProfileOption = "adult",
    lang: LangOption = "zh",
    as_of: AsOfOption = None,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one self-contained HTML map that opens with the network unplugged."""
    from api.console.files import check_folder, write_atomically  # noqa: PLC0415 - heavy
    from api.folium_map.answers import folium_html  # noqa: PLC0415 - heavy
    from api.parameters import CoverageQuestion  # noqa: PLC0415 - heavy

    check_minutes(minutes)
    check_folder(out)
    snapshot = snapshot_of(ctx, code, as_of=as_of, db=db, standard=standard)
    with step(f"drawing {code}"):
        text = folium_html(snapshot, CoverageQuestion(minutes, profile), lang=lang)
    content = text.encode()
    write_atomically(out, lambda part: part.write_bytes(content))
    if as_json:
        print_json({"file": str(out), "bytes": len(content)})
    else:
        print_text(f"{out}: {len(content) / 1e6:.1f} MB")
