"""Tables of posts: which grids each looks after, and what is refused."""

import zipfile
from dataclasses import replace
from html import escape

import pandas as pd
import pytest

from boundaries.imports.import_files import load_layer
from boundaries.readers.vector import read_layer
from boundaries.store.open import open_store
from geo.errors import EmptyError, FileFormatError, SchemaError
from tests.scenes import tiny_district

DISTRICT, LAYERS = tiny_district()
SMALL = sorted(LAYERS.grids.loc[LAYERS.grids["level"] == "small", "code"])
MEDIUM = sorted(LAYERS.grids.loc[LAYERS.grids["level"] == "medium", "code"])


def read(path):
    return read_layer(path, "workers", district=DISTRICT, known=LAYERS)


def table(tmp_path, text, name="posts.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def staffed(frame):
    return dict(zip(frame["grid_code"], frame["worker_code"], strict=True))


def rejections(report):
    return [(str(row), str(why)) for row, why in report.rejected]


def workbook(path, sheets):
    """Write a workbook as small as one can be: text in place."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    def cell(value):
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f"<c><v>{value!r}</v></c>"

    names = list(enumerate(sheets, start=1))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
            for n, _ in names
        )
        archive.writestr(
            "[Content_Types].xml",
            f'{head}<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
            f'PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{overrides}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'{head}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            + "".join(
                f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in names
            )
            + "</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{head}<Relationships xmlns="{package}/relationships">'
            + "".join(
                f'<Relationship Id="r{n}" Type="{office}/worksheet" '
                f'Target="worksheets/sheet{n}.xml"/>'
                for n, _ in names
            )
            + "</Relationships>",
        )
        for n, name in names:
            rows = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in sheets[name])
            archive.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'{head}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
            )
    return path


def test_several_grids_in_a_cell_and_what_is_known_of_the_post(tmp_path):
    head = "岗位编码,网格编码,岗位名称,联系电话,姓名"
    text = f"{head}\nW1,{SMALL[0]};{SMALL[1]},南片区,0543-3180001,甲\n"
    frame, report = read(table(tmp_path, text))
    assert staffed(frame) == {SMALL[0]: "W1", SMALL[1]: "W1"}
    assert set(frame["post_name"]) == {"南片区"}
    assert list(frame.columns) == ["worker_code", "grid_code", "post_name", "phone"]
    assert (report.read, report.accepted, report.rejected) == (1, 1, [])
    notes = {str(what): n for what, n in report.notes.items()}
    assert notes["columns not used: 姓名"] == 1
    assert notes["small grids that no post of the file looks after"] == len(SMALL) - 2


def test_what_is_refused_is_named_with_its_reason(tmp_path):
    rows = [f"W1,{SMALL[0]},13812345678", f"W2,{SMALL[0]},", "W3,nowhere,", "W4,,"]
    text = "\n".join(["worker_code,grid_code,phone", *rows])
    frame, report = read(table(tmp_path, text))
    assert staffed(frame) == {SMALL[0]: "W1"}
    assert frame["phone"].tolist() == [None]  # a person's
    assert [why for _, why in rejections(report)] == [
        "the plan has no grid 'nowhere'",
        "a post without a grid code",
        f"grid_code {SMALL[0]} stands already in row 1",
    ]


def test_a_larger_grid_stands_for_its_small_ones_that_no_other_row_names(tmp_path):
    small = [code for code in SMALL if code.startswith(MEDIUM[0])]
    text = f"worker_code,grid_code\nW1,{MEDIUM[0]}\nW2,{small[0]}\n"
    frame, _ = read(table(tmp_path, text))
    assert staffed(frame) == {small[0]: "W2", **dict.fromkeys(small[1:], "W1")}


def test_one_post_has_one_name(tmp_path):
    text = f"worker_code,grid_code,post_name\nW1,{SMALL[0]},South\nW1,{SMALL[1]},North\n"
    frame, report = read(table(tmp_path, text))
    assert frame["post_name"].tolist() == ["South", "South"]
    assert {str(how): n for how, n in report.repaired.items()} == {
        "post_name differs within a post; the first one is taken": 1
    }


def test_a_table_without_any_post_is_refused(tmp_path):
    with pytest.raises(EmptyError, match="no code of a post"):
        read(table(tmp_path, f"worker_code,grid_code\n,{SMALL[0]}\n"))
    with pytest.raises(SchemaError, match="worker_code"):
        read(table(tmp_path, f"grid_code\n{SMALL[0]}\n"))


def test_a_workbook_reads_as_the_table_does(tmp_path):
    rows = [["岗位编码", "网格编码"], ["W1", float(SMALL[0])], ["", ""], ["W2", SMALL[1]]]
    frame, report = read(workbook(tmp_path / "posts.xlsx", {"岗位": rows, "说明": [["x"]]}))
    assert staffed(frame) == {SMALL[0]: "W1", SMALL[1]: "W2"}
    assert report.read == 2
    both = workbook(tmp_path / "two.xlsx", {"a": rows, "b": rows})
    with pytest.raises(FileFormatError, match="2 sheets that may be meant"):
        read(both)
    named, _ = read(workbook(tmp_path / "named.xlsx", {"a": rows, "workers": rows[:2]}))
    assert len(named) == 1


def test_a_workbook_that_is_damaged_or_unpacks_to_too_much_is_refused(tmp_path):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04" + b"x" * 99)
    with pytest.raises(FileFormatError):
        read(broken)
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (70 << 20))
    with pytest.raises(FileFormatError, match="100"):
        read(bomb)


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "town.gpkg", create=True)
    store.replace(DISTRICT, replace(LAYERS, workers=LAYERS.workers.iloc[:0]))
    yield store
    store.close()


def test_a_loaded_table_staffs_the_grids_and_a_later_one_keeps_what_is_known(tmp_path, store):
    text = f"worker_code,grid_code,post_name\nW1,{SMALL[0]},South\nW2,{SMALL[1]},North\n"
    load_layer(store, DISTRICT.code, "workers", table(tmp_path, text))
    load_layer(
        store, DISTRICT.code, "workers",
        table(tmp_path, f"worker_code,grid_code,phone\nW1,{SMALL[1]},0543-3180001\n"), add=True,
    )  # fmt: skip
    workers = store.layers(DISTRICT.code).workers.set_index("grid_code")
    assert workers["worker_code"].to_dict() == {SMALL[0]: "W1", SMALL[1]: "W1"}
    assert set(workers["post_name"]) == {"South"}
    assert set(workers["phone"]) == {"0543-3180001"}  # what is said of a post holds for its grids


def test_a_file_of_grids_brings_its_posts(tmp_path, store):
    first = table(tmp_path, f"worker_code,grid_code,post_name\nW1,{SMALL[0]},South\n")
    load_layer(store, DISTRICT.code, "workers", first)
    who = pd.Series({SMALL[0]: "W1", SMALL[1]: "W2"})
    plan = LAYERS.grids.assign(worker_code=LAYERS.grids["code"].map(who))
    plan.to_file(tmp_path / "plan.geojson", driver="GeoJSON")
    report = load_layer(store, DISTRICT.code, "grids", tmp_path / "plan.geojson").report
    workers = store.layers(DISTRICT.code).workers.set_index("grid_code")
    assert workers["worker_code"].to_dict() == who.to_dict()
    assert workers["post_name"].to_dict() == {SMALL[0]: "South", SMALL[1]: None}
    notes = {str(what): n for what, n in report.layers["grids"].notes.items()}
    assert notes["posts taken from the file of grids"] == 2
    plain = tmp_path / "plain.geojson"
    LAYERS.grids.to_file(plain, driver="GeoJSON")
    load_layer(store, DISTRICT.code, "grids", plain)
    assert len(store.layers(DISTRICT.code).workers) == 2  # it names nobody, and takes nobody away
