"""``lifecircle sheets``: contact cards and public notices to print."""

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from api.console.output import print_json, print_text, step
from api.console.question import PACE, DistrictCommand, district_command
from geo.messages import Message, language

FORMATS: Final = (".html", ".pdf")


@district_command("minutes", *PACE)
def write_sheets(
    command: DistrictCommand,
    *,
    out: Annotated[Path, typer.Option("--out", help="File to write: .html or .pdf.")],
    kind: Annotated[
        Literal["card", "notice"], typer.Option("--kind", help="Contact cards or public notices.")
    ] = "card",
    level: Annotated[
        Literal["small", "medium", "large", "beat"],
        typer.Option("--level", help="What each sheet is for."),
    ] = "small",
    within: Annotated[
        str,
        typer.Option("--within", metavar="CODE", help="Only codes that begin so: street, grid."),
    ] = "",
    phone: Annotated[
        str | None, typer.Option("--phone", help="Of a notice: where objections are heard.")
    ] = None,
    posted: Annotated[
        str | None, typer.Option("--posted", metavar="DAY", help="Of a notice: its first day.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="Of a notice: its last day.")
    ] = None,
) -> None:
    """Write contact cards or public notices of grids to print."""
    from api.console.files import check_target, write_atomically  # noqa: PLC0415 - heavy
    from api.sheets.answers import gathered, sheets_page  # noqa: PLC0415 - heavy
    from api.sheets.question import (  # noqa: PLC0415 - heavy
        SheetKind,
        SheetLevel,
        SheetQuestion,
        notice_term,
    )
    from maps.sheets.pdf import pdf_of  # noqa: PLC0415 - heavy

    check_target(out, FORMATS)
    term = notice_term(SheetKind(kind), phone=phone, posted=posted, until=until)
    question = SheetQuestion(
        SheetKind(kind), SheetLevel(level), within, command.question, language(), term
    )
    snapshot = command.snapshot()
    with step(Message("sheets.drawing", {"code": command.code})):
        sheets = gathered(snapshot, question)
        page = sheets_page(snapshot, question, sheets)
        content = pdf_of(page) if out.suffix.lower() == ".pdf" else page.encode()
    write_atomically(out, lambda part: part.write_bytes(content))
    if command.as_json:
        print_json({"file": str(out), "sheets": len(sheets), "bytes": len(content)})
    else:
        print_text(Message("sheets.written", {"file": out, "sheets": len(sheets)}))
