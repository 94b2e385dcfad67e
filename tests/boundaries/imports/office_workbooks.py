"""Workbooks and pages as offices hand them over (:mod:`tests.boundaries.imports.office_files`)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from struct import pack

from tests.boundaries.imports.office_files import N, OfficeFile, table_of, text_of
from tests.boundaries.readers.layers.test_workers import workbook

TITLE = [["滨城区楼栋户数统计表", "", "", "", ""]]
NOTES = [["填表说明", ""], ["请如实填写", ""]]


def _rows(frame: str = "WGS84") -> list[list[str]]:
    table = table_of("经度", "纬度", frame)
    return [list(table.columns), *table.to_numpy().tolist()]


def _two_rows(group: str, frame: str) -> list[list[str]]:
    return [["楼栋编号", "楼栋名称", "户数", group, ""], ["", "", "", "经度", "纬度"],
            *_rows(frame)[1:]]  # fmt: skip


def _streets(cut: int = N // 2) -> dict[str, list[list[str]]]:
    head, *rows = _rows()
    return {"市中街道": [*TITLE, head, *rows[:cut]], "北镇街道": [head, *rows[cut:]]}


def _xlsx(sheets: dict[str, list[list[str]]]) -> Callable[[Path], Path]:
    return lambda folder: workbook(folder / "a.xlsx", sheets)


def _raw(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return write


def page(rows: list[list[str]], *, head: str = "") -> str:
    """Return a table in HTML, in a table that only lays it out."""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    inner = f"<table border=1>{body}</table>"
    style = "<style>td {}</style>"
    return f"<html><head>{head}{style}</head><table><tr><td>{inner}</td></tr></table></html>"


def spreadsheetml(sheets: dict[str, list[list[str]]], hidden: str = "") -> str:
    """Return SpreadsheetML 2003; cells without a text are left out."""
    office = "urn:schemas-microsoft-com:office"
    spaces = {"xmlns": "spreadsheet", "xmlns:ss": "spreadsheet", "xmlns:x": "excel"}
    said = " ".join(f'{name}="{office}:{space}"' for name, space in spaces.items())
    text = f'<?xml version="1.0"?><Workbook {said}>'
    for name, rows in sheets.items():
        cells = "".join(
            "<Row>" + "".join(
                f'<Cell ss:Index="{at}"><Data ss:Type="String">{cell}</Data></Cell>'
                for at, cell in enumerate(row, 1) if cell
            ) + "</Row>" for row in rows
        )  # fmt: skip
        options = "<x:Visible>SheetHidden</x:Visible>" if name == hidden else ""
        options = f"<x:WorksheetOptions>{options}</x:WorksheetOptions>"
        text += f'<Worksheet ss:Name="{name}"><Table>{cells}</Table>{options}</Worksheet>'
    return text + "</Workbook>"


def old_workbook(rows: list[list[str]]) -> bytes:
    """Return a workbook of Excel 97 with one sheet, ``楼栋``: BIFF8 in one stream."""

    def record(kind: int, content: bytes) -> bytes:
        return pack("<HH", kind, len(content)) + content

    begin = record(0x809, pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0x600))
    cells = b"".join(
        record(0x204, pack("<HHHHB", at, column, 0, len(cell), 1) + cell.encode("utf-16-le"))
        for at, row in enumerate(rows)
        for column, cell in enumerate(row)
        if cell
    )
    globals_begin = record(0x809, pack("<HHHHII", 0x600, 0x5, 0, 0, 0, 0x600))
    name = "楼栋".encode("utf-16-le")
    sheet_at = len(globals_begin) + 4 + 8 + len(name) + 4
    head = globals_begin + record(0x85, pack("<IHBB", sheet_at, 0, 2, 1) + name) + record(10, b"")
    return compound(head + begin + cells + record(10, b""))


def compound(stream: bytes) -> bytes:
    """Return a compound file of one stream, ``Workbook``, of at least 4,096 bytes."""
    stream = stream.ljust(max(len(stream), 4096), b"\0")
    stream += bytes(-len(stream) % 512)
    n, free, end = len(stream) // 512, 0xFFFFFFFF, 0xFFFFFFFE
    chain = [0xFFFFFFFD, end, *range(3, n + 2), end]
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += bytes(6) + pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += pack("<109I", 0, *[free] * 108)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        return text.ljust(64, b"\0") + pack("<HBBIII", len(text), kind, 1, free, free, child) \
            + bytes(36) + pack("<IQ", start, size)  # fmt: skip

    entries = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream))
    table = pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    return head + table + entries.ljust(512, b"\0") + stream


def workbooks() -> Iterator[OfficeFile]:
    """Give workbooks by kind of file, head and sheets."""
    yield OfficeFile("xlsx-title", _xlsx({"楼栋": TITLE + _rows(), "填表说明": NOTES}))
    for group, frame in (("坐标", "WGS84"), ("坐标（GCJ-02）", "GCJ-02"), ("百度坐标", "BD-09"),
                         ("WGS84坐标", "WGS84")):  # fmt: skip
        two = TITLE + _two_rows(group, frame)
        yield OfficeFile(f"xlsx-two-rows-{group}", _xlsx({"楼栋": two}))
        csv = "\n".join(",".join(row) for row in two).encode("gbk")
        yield OfficeFile(f"csv-two-rows-{group}", _raw("a.csv", csv))
    yield OfficeFile("xlsx-two-rows-54", _xlsx({"楼栋": _two_rows("北京54坐标", "WGS84")}),
                     ("reading.unknown_frame",))  # fmt: skip
    yield OfficeFile("xlsx-streets", _xlsx(_streets()))
    twice = {"2025": _rows(), "2026": _rows()}
    yield OfficeFile("xlsx-years", _xlsx(twice), ("files.several_sheets",))
    yield OfficeFile("xlsx-year-told", _xlsx(twice), options={"part": "2026"})
    same = {"甲": _rows(), "乙": _rows()}
    yield OfficeFile("xlsx-twice", _xlsx(same), ("files.several_sheets",))
    yield OfficeFile("xlsx-no-such-sheet", _xlsx(same), ("files.no_such_part",),
                     {"part": "丙"})  # fmt: skip
    yield OfficeFile("xls-97", _raw("a.xls", old_workbook(TITLE + _rows())))
    yield OfficeFile("xls-is-xlsx", lambda folder: workbook(folder / "a.xls", {"楼栋": _rows()}))
    yield OfficeFile("et", _raw("a.et", old_workbook(_rows())))
    for encoding, told in (("gbk", "gb2312"), ("utf-8", "utf-8"), ("gbk", "")):
        meta = f'<meta http-equiv="Content-Type" content="text/html; charset={told}">' * bool(told)
        text = page(TITLE + _rows(), head=meta).encode(encoding)
        yield OfficeFile(f"xls-html-{encoding}-{told}", _raw("a.xls", text))
    text = spreadsheetml(
        {"旧": _rows()[:9], "楼栋": TITLE + _two_rows("坐标", "WGS84")}, hidden="旧"
    )
    yield OfficeFile("xls-xml", _raw("a.xls", text.encode()))
    plain = text_of(table_of("经度", "纬度", "WGS84"), "\t").encode("gbk")
    yield OfficeFile("xls-tabs", _raw("a.xls", plain))
    yield OfficeFile("tsv", _raw("a.tsv", plain))
    for separator in "，；、 ":
        text = text_of(table_of("经度", "纬度", "WGS84"), separator)
        yield OfficeFile(f"txt-{ord(separator)}", _raw("a.txt", text.encode()))
    letters = table_of("JD", "WD", "WGS84")
    letters.columns = ["LDBH", "LDMC", "HS", "JD", "WD"]
    yield OfficeFile("letters", _raw("a.csv", text_of(letters).encode()))
    named = table_of("甲", "乙", "WGS84").rename(columns={"户数": "丙"})
    told = {"columns": {"households": "丙", "lon": "甲", "lat": "乙"}}
    yield OfficeFile("map", _raw("a.csv", text_of(named).encode()), options=told)
