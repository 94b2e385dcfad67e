"""Detect the encoding of Chinese text files by a fixed rule, never by a silent guess.

A declared encoding is used if all text reads in it strictly and is plausible; else strict UTF-8,
else strict GB18030 (which contains GBK and GB2312), each if plausible; else an error. Plausible is
frequent Han, Latin and punctuation: text in another encoding gives seldom ones (鏄ユ櫀), letters of
several scripts (СԺ) or accents throughout (ÐÂÔº).
"""

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from geo.errors import FileFormatError

_BOMS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CODE_PAGES: Final = {
    "936": "gb18030", "54936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
    "gb18030": "gb18030", "950": "big5hkscs", "big5": "big5hkscs", "65001": "utf-8",
    "utf8": "utf-8", "1252": "cp1252", "88591": "latin-1", "iso88591": "latin-1",
    "885915": "iso8859-15", "iso885915": "iso8859-15", "1251": "cp1251", "1250": "cp1250",
    "utf16": "utf-16", "437": "cp437", "850": "cp850", "932": "cp932", "949": "cp949",
}  # fmt: skip
"""Names of encodings in ``.cpg`` files and options, without marks, and Python's."""

_PREFIX: Final = re.compile(r"^(oem|ansi|cp|windows|win|ms|x)+")
_SINGLE_BYTE: Final = frozenset(
    {"latin-1", "cp1252", "iso8859-15", "cp1250", "cp1251", "cp437", "cp850"}
)
_PLAUSIBLE: Final = 0.7
"""Least share of plausible characters of a text: of Chinese names 0.9 to 1, of such in another
encoding 0 to 0.5."""

_SELDOM: Final = 0.7
"""What a character of the second half of GB2312 counts: names have them."""

_READABLE: Final = 0.4
"""Least share at which GB18030 is taken where nothing else reads: names of seldom characters."""

_LESS_SURE: Final = 0.25
"""By how much less plausible a declared reading may be before another one is taken."""

_ASCII: Final = re.compile(r"[\x00-\x7f]+")
_CONTROLS: Final = re.compile(r"[\x80-\x9f]")  # in no text; bytes of UTF-8 read as Latin-1
_BROKEN: Final = ("\ufffd", "锟斤拷", "烫烫烫")
_SHOWN: Final = 3
_CUT_BYTES: Final = 4


def encoding_named(text: str) -> str | None:
    """Return Python's name of the encoding that a declaration names; None for an unknown one.

    Examples
    --------
    >>> encoding_named("BIG5"), encoding_named("OEM 936"), encoding_named("UTF-8")
    ('big5hkscs', 'gb18030', 'utf-8')
    """
    plain = re.sub(r"[^a-z0-9]", "", text.casefold())
    return _CODE_PAGES.get(plain) or _CODE_PAGES.get(_PREFIX.sub("", plain))


_IN_MARKUP: Final = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_MARKUP_HEAD_BYTES: Final = 4096


def declared_in_markup(data: bytes) -> str | None:
    """Return Python's name of the encoding that the head of HTML or XML names.

    Examples
    --------
    >>> declared_in_markup(b'<meta charset="gb2312">'), declared_in_markup(b"<table>")
    ('gb18030', None)
    """
    found = _IN_MARKUP.search(data[:_MARKUP_HEAD_BYTES])
    return encoding_named(found[1].decode("ascii", "replace")) if found else None


def detect(parts: Iterable[bytes], *, what: str, declared: str | None = None) -> str:
    """Return the encoding in which all parts of a file read without a fault and make sense.

    Parameters
    ----------
    parts : iterable of bytes
        Every piece of text of the file.
    what : str
        Name of the file, for the message.
    declared : str, optional
        Python's name of the encoding that the file or the user names.

    Returns
    -------
    str
        Python's name.

    Raises
    ------
    FileFormatError
        If the text is in no known encoding throughout, or makes sense in none.

    Examples
    --------
    >>> detect(["滨城".encode("gbk")], what="a.dbf"), detect([b"plain"], what="b.dbf")
    ('gb18030', 'utf-8')
    >>> detect(["小院".encode("gbk")], what="c.dbf", declared="gb18030")
    'gb18030'
    """
    pieces = [part for part in dict.fromkeys(parts) if not part.isascii()]
    if not pieces:
        return declared if declared and not declared.startswith("utf-16") else "utf-8"
    joined = b"\n".join(pieces)
    order = dict.fromkeys(each for each in (declared, "utf-8", "gb18030") if each)
    scores = {each: _plausibility(joined, each) for each in order}
    readable = {each: score for each, score in scores.items() if score is not None}
    best = max(readable.values(), default=0.0)
    for encoding, score in readable.items():
        if score >= _PLAUSIBLE and score >= best - _LESS_SURE:
            return encoding
    if "utf-8" in readable and best < _PLAUSIBLE:
        return "utf-8"  # strict, and of a script of which nothing is known here
    fault = _no_encoding(pieces, what)
    if fault.message.code == "reading.no_encoding" and readable.get("gb18030", 0) >= _READABLE:
        return "gb18030"
    raise fault


def _no_encoding(pieces: Sequence[bytes], what: str) -> FileFormatError:
    """Return the error that names values that do not read as the others do."""
    misfits = [part for part in pieces if _plausibility(part, "utf-8") is None]
    if len(misfits) < len(pieces):
        values = [part.decode("gb18030", "replace") for part in misfits[:_SHOWN]]
        return FileFormatError("reading.mixed_encodings", what=what, n=len(misfits), values=values)
    if (_plausibility(b"\n".join(pieces), "big5hkscs") or 0.0) >= _PLAUSIBLE:
        values = [part.decode("big5hkscs") for part in pieces[:_SHOWN]]
        return FileFormatError("reading.perhaps_big5", what=what, values=values)
    return FileFormatError("reading.no_encoding", what=what)


def decode_file(raw: bytes, *, what: str, declared: str | None = None) -> tuple[str, str]:
    """Return the text of a whole file, without a byte order mark, and its encoding.

    A byte order mark declares the encoding; UTF-16 without one is known by its zeros.

    Raises
    ------
    FileFormatError
        As :func:`detect`, which names the lines that are in another encoding than the rest.
    """
    for mark, encoding in _BOMS.items():
        if raw.startswith(mark):
            return _strictly(raw.removeprefix(mark), encoding, what), encoding
    zeros = raw[:1000].count(0) * 4 > len(raw[:1000])
    if zeros or (declared or "").startswith("utf-16"):
        encoding = "utf-16-be" if raw[:1] == b"\0" else "utf-16-le"
        return _strictly(raw, encoding, what), encoding
    encoding = detect(raw.split(b"\n"), what=what, declared=declared)
    return _strictly(raw, encoding, what), encoding


def _strictly(raw: bytes, encoding: str, what: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileFormatError("reading.no_encoding", what=what) from error


def _plausibility(raw: bytes, encoding: str) -> float | None:
    """Return the share of characters that make sense, 0..1; None if it does not read strictly."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    return sense_of(text, single_byte=encoding in _SINGLE_BYTE)


def sense_of(text: str, *, single_byte: bool = False) -> float:
    """Return the share of the characters beyond ASCII that are plausible, 0..1.

    Parameters
    ----------
    text : str
    single_byte : bool, default False
        Whether it was read byte by byte, so that foreign text becomes accents throughout.

    Examples
    --------
    >>> sense_of("滨城区 Müller"), sense_of("鏄ユ櫀鍚嶈嫅") < 0.7, sense_of("СԺ")
    (1.0, True, 0.0)
    """
    beyond = Counter(_ASCII.sub("", text))
    if not beyond:
        return 1.0
    if single_byte:
        accents = sum(n for char, n in beyond.items() if char.isalpha())
        letters = sum(map(str.isalpha, text))
        return 1.0 if accents == beyond.total() and accents * 2 <= letters else 0.0
    return sum(_commonness(char) * n for char, n in beyond.items()) / beyond.total()


@lru_cache(maxsize=70_000)
def _commonness(char: str) -> float:
    """Return 1 for a frequent Han character, Latin and punctuation, less for a seldom one."""
    if "\u3400" <= char <= "\u9fff":
        if _is_in_rows(char, "gb2312", 0xB0, 0xD7) or _is_in_rows(char, "big5", 0xA4, 0xC6):
            return 1.0
        return _SELDOM if _is_in_rows(char, "gb2312", 0xD8, 0xF7) else 0.0
    if unicodedata.category(char).startswith(("L", "M")):
        folded = unicodedata.normalize("NFKC", char)
        return float(unicodedata.name(folded[0], "").startswith(("LATIN", "DIGIT")))
    return float("\x9f" < char < "\ue000" or "\uf900" <= char < "\ufffd")


def _is_in_rows(char: str, encoding: str, first: int, last: int) -> bool:
    """Return whether a character is in some rows of an encoding: the first are frequent."""
    try:
        return first <= char.encode(encoding)[0] <= last
    except UnicodeEncodeError:
        return False


def garbled(values: Iterable[str]) -> list[str]:
    """Return values that were once read in a wrong encoding, so that their text is lost.

    Such a value has a replacement character, or turns into sense when it is encoded back: UTF-8
    that was read as GBK or Latin-1, and GBK that was read as Latin-1.

    Examples
    --------
    >>> garbled(["春晖名苑", "鏄ユ櫀鍚嶈嫅", "ÐÂÔº", "Müller"])
    ['鏄ユ櫀鍚嶈嫅', 'ÐÂÔº']
    """
    return [value for value in dict.fromkeys(values) if not value.isascii() and _is_garbled(value)]


def _is_garbled(value: str) -> bool:
    if any(mark in value for mark in _BROKEN) or _CONTROLS.search(value):
        return True
    for wrong in ("gb18030", "cp1252", "latin-1"):
        try:
            raw = value.encode(wrong)
        except UnicodeError:  # it was not read so
            continue
        if sense_of(value, single_byte=wrong != "gb18030") >= _PLAUSIBLE:
            continue
        for right in ("utf-8", "gb18030"):
            if right == wrong:
                continue
            try:
                back = raw.decode(right)
            except UnicodeError:
                continue
            if not back.isascii() and sense_of(back) >= _PLAUSIBLE:
                return True
    return False


def without_cut_end(raw: bytes, encoding: str) -> bytes:
    """Return `raw` without a character that was cut in the middle at its end.

    Names of DBF columns are cut at 10 bytes and values at the width of the column, wherever that
    falls.

    Examples
    --------
    >>> without_cut_end("建筑面积".encode()[:10], "utf-8").decode()
    '建筑面'
    """
    for cut in range(_CUT_BYTES):
        part = raw[: len(raw) - cut]
        try:
            part.decode(encoding)
        except UnicodeDecodeError:
            continue
        return part
    return raw
