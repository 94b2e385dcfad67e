"""Sheets as PDF, by WeasyPrint and the fonts of the system."""

from typing import Any

from geo.errors import InputError

_IDENTIFIER = b"lifecircle"


def pdf_of(html: str) -> bytes:
    """Return an HTML file as PDF: the same bytes for the same file, fonts and version.

    Nothing that the file names is opened. Chinese needs a font that has it, for instance Debian's
    ``fonts-noto-cjk``.

    Raises
    ------
    InputError
        If WeasyPrint or the library Pango is not installed.
    """
    try:
        from weasyprint import HTML  # noqa: PLC0415 - it opens Pango
    except (ImportError, OSError) as error:
        raise InputError("drawing.no_pdf", reason=str(error).splitlines()[0]) from error
    written: bytes = HTML(string=html, url_fetcher=_nothing).write_pdf(pdf_identifier=_IDENTIFIER)
    return written


def _nothing(url: str, *_: Any, **__: Any) -> dict[str, Any]:  # noqa: ANN401 - as WeasyPrint calls
    raise ValueError(url)
