"""Encodings by sense: what is declared, what is plausible, what was lost before."""

import pytest

from boundaries.readers.encoding import decode_file, detect, encoding_named, garbled, sense_of
from geo.errors import FileFormatError

SELDOM = "嘚瑟馕鼗"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("小院", "gb18030"), ("春晖名苑1号楼", "gb18030"), ("陽光嘉園", "big5hkscs"),
     ("Müller", "latin-1"), ("春晖名苑", "utf-8")],
)  # fmt: skip
def test_a_declared_encoding_is_used_if_it_makes_sense(text, encoding):
    assert detect([text.encode(encoding)], what="a.dbf", declared=encoding) == encoding


@pytest.mark.parametrize("declared", ["gb18030", "latin-1", "big5hkscs", "cp1252", None])
def test_a_wrong_declaration_does_not_spoil_utf_8(declared):
    assert detect(["春晖名苑1号楼".encode()], what="a.dbf", declared=declared) == "utf-8"


@pytest.mark.parametrize("declared", ["utf-8", "latin-1", "cp1252", None])
def test_a_wrong_declaration_does_not_spoil_gbk(declared):
    assert detect(["滨城区小院".encode("gbk")], what="a.dbf", declared=declared) == "gb18030"


def test_short_gbk_that_reads_as_utf_8_is_known_by_its_scripts():
    assert "小院".encode("gbk").decode("utf-8") == "СԺ"
    assert detect(["小院".encode("gbk")], what="a.dbf") == "gb18030"


def test_seldom_characters_count_less_and_are_still_read():
    assert 0.4 <= sense_of(SELDOM) < 0.7
    assert detect([SELDOM.encode("gbk")], what="a.dbf") == "gb18030"
    assert detect(["Привет".encode()], what="a.dbf") == "utf-8"


def test_text_that_makes_no_sense_is_refused():
    with pytest.raises(FileFormatError, match="neither UTF-8 nor GB18030"):
        detect([b"\xff\xff\xff"], what="a.dbf")
    with pytest.raises(FileFormatError, match="makes sense as Big5"):
        detect(["陽光嘉園社區".encode("big5")], what="a.dbf")


def test_utf_16_is_read_with_and_without_a_mark():
    text = "id,名称\n1,春晖名苑\n"
    for raw in (text.encode("utf-16"), text.encode("utf-16-be"), text.encode("utf-16-le")):
        assert decode_file(raw, what="a.csv")[0] == text


def test_names_of_encodings_are_understood():
    named = ["GBK", "gb2312", "CP936", "ANSI 936", "65001", "Big5", "ISO-8859-1", "x-y"]
    assert [encoding_named(each) for each in named] == [
        "gb18030", "gb18030", "gb18030", "gb18030", "utf-8", "big5hkscs", "latin-1", None
    ]  # fmt: skip


def test_garbled_text_is_known_and_good_text_is_not():
    good = ["春晖名苑", "Ħal Għargħur", "Æðelþryð", "㐂囍", "Привет", "東京都港区", "a·b", "①号楼"]
    assert garbled(good) == []
    bad = [each.encode().decode("latin-1") for each in ("春晖名苑", "Żebbuġ")]
    bad += ["春晖名苑".encode("gbk").decode("latin-1"), "鏄ユ櫀鍚嶈嫅", "锟斤拷"]
    assert garbled(bad) == bad
