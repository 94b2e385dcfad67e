"""Columns that tell of persons: they are left out of a table of households before it is read."""

import re
from typing import Final

import geopandas as gpd
import pandas as pd

from boundaries.import_report import LayerReport
from boundaries.plain_names import plain
from boundaries.readers.rows import as_text
from geo.messages import Message

_HEADINGS: Final = re.compile(
    "姓名|户主|联系人|负责人|楼长|楼栋长|单元长|网格员|关系|性别|民族|出生|年龄|身份|证件|电话|手机|"
    "联系方式|联系号码|微信|qq|邮箱|车牌|籍贯|婚姻|学历|职业|政治面貌|工作单位|残疾|"
    r"owner|householder|head_of|contact|phone|^tel|mobile|(^|_)id_?(card|no$|number)|identity|"
    r"passport|gender|^sex$|birth|^age$|e-?mail|wechat|person_?name|^(\w*(first|last|full|family))?_?name$"
)
_IDENTITY: Final = re.compile(
    r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dX]"
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_MOBILE: Final = re.compile(r"(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}")
_MOST_MOBILE: Final = 0.5
"""Share of mobile numbers among the values of a column that is none of theirs."""


def is_identity_number(text: str) -> bool:
    """Return whether a text is the number of a resident's identity card, by its check digit.

    Examples
    --------
    >>> is_identity_number("11010519491231002X"), is_identity_number("371602001001101001")
    (True, False)
    """
    folded = text.strip().upper()
    if not _IDENTITY.fullmatch(folded):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(folded[:17], _WEIGHTS, strict=True))
    return folded[17] == _CHECKS[total % 11]


def without_persons(table: gpd.GeoDataFrame, report: LayerReport) -> gpd.GeoDataFrame:
    """Return a table without the columns that tell of persons; the report names them.

    They are told by their headings (姓名, 身份证号, 联系电话), or by what they hold: any number of
    an identity card, mobile numbers in more than half of the cells.
    """
    shape = table.geometry.name
    dropped = [
        column
        for column in table.columns
        if column != shape and (_HEADINGS.search(plain(str(column))) or _holds(table[column]))
    ]
    if dropped:
        said = {"columns": [str(column) for column in dropped]}
        report.note(Message("households.persons_left_out", said), len(dropped))
    return table.drop(columns=dropped)


def _holds(values: pd.Series) -> bool:
    """Return whether a column holds numbers of persons."""
    texts = [text for text in as_text(values) if text]
    mobile = sum(_MOBILE.fullmatch(text) is not None for text in texts)
    return any(map(is_identity_number, texts)) or mobile > _MOST_MOBILE * len(texts)
