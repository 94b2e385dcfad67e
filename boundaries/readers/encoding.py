"""Detect the encoding of Chinese text files by a fixed rule, never by a silent guess.

The rule: strict UTF-8 over *all* text of a file, else strict GB18030 (which contains GBK and
GB2312), else an error. UTF-8 goes first because its text nearly always passes as GBK, but Chinese
text in GBK practically never passes as UTF-8.
"""

from collections.abc import Iterable
from typing import Final

from geo.errors import FileFormatError

_UTF8_BOM: Final = b"\xef\xbb\xbf"
_ENCODINGS: Final = ("utf-8", "gb18030")


def detect(parts: Iterable[bytes], *, what: str) -> str:
    """Return the encoding in which all parts of a file read without a fault.

    Parameters
    ----------
    parts : iterable of bytes
        Every piece of text of the file.
    what : str
        Name of the file, for the message.

    Returns
    -------
    str
        ``utf-8`` or ``gb18030``.

    Raises
    ------
    FileFormatError
        If the text is neither.

    Examples
    --------
    >>> detect(["滨城".encode("gbk")], what="a.dbf"), detect([b"plain"], what="b.dbf")
    ('gb18030', 'utf-8')
    """
    joined = b"\n".join(parts)
    for encoding in _ENCODINGS:
        try:
            joined.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileFormatError("reading.no_encoding", what=what)


def decode_file(raw: bytes, *, what: str) -> tuple[str, str]:
    """Return the text of a whole file, without a byte order mark, and its encoding.

    Raises
    ------
    FileFormatError
        If the text is neither UTF-8 nor GB18030.
    """
    raw = raw.removeprefix(_UTF8_BOM)
    encoding = detect([raw], what=what)
    return raw.decode(encoding), encoding


def whole_characters(raw: bytes) -> bytes:
    """Return `raw` without a UTF-8 character that was cut in the middle at its end.

    The names of DBF columns are cut at 10 bytes, wherever that falls.

    Examples
    --------
    >>> whole_characters("建筑面积".encode()[:10]).decode()
    '建筑面'
    """
    for cut in range(4):
        part = raw[: len(raw) - cut]
        try:
            part.decode("utf-8")
        except UnicodeDecodeError:
            continue
        return part
    return raw
