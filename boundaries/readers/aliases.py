"""Names under which columns and values arrive, and what they are called here.

Names are compared after :func:`plain`: without blanks, brackets with units, case or full-width
forms, and by their first ten bytes as well, since a shapefile cuts its names there.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

_NAMES: Final = {
    "name": ("名称", "名字", "title"),
    "name_zh": ("中文名", "中文名称", "name:zh"),
    "name_en": ("英文名", "英文名称", "name:en"),
    "lon": ("longitude", "lng", "long", "经度", "wgs84经度", "x经度"),
    "lat": ("latitude", "纬度", "wgs84纬度", "y纬度"),
}

COLUMN_ALIASES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "boundary": {**_NAMES},
    "grids": {
        **_NAMES,
        "name": (*_NAMES["name"], "网格名称", "社区名称", "小区名称"),
        "code": ("编码", "网格编码", "网格代码", "代码", "grid_code", "gridcode", "wgbm", "bm"),
        "level": ("层级", "级别", "网格级别", "网格层级", "grid_level", "wgjb"),
        "parent_code": ("parent", "上级编码", "上级网格", "上级网格编码", "父编码", "parentcode"),
        "origin": ("来源",),
    },
    "buildings": {
        **_NAMES,
        "name": (*_NAMES["name"], "楼栋名称", "楼名", "楼号", "栋号"),
        "building_id": ("id", "编号", "楼栋编号", "楼栋编码", "楼栋id", "bldg_id", "code", "编码"),
        "use": ("用途", "建筑用途", "使用性质", "building", "type"),
        "households": ("户数", "总户数", "住户数", "hh", "household", "hushu", "zhs"),
        "residents": ("人口", "人数", "居民数", "常住人口", "population", "pop", "renkou"),
        "residents_60plus": ("60岁以上", "60岁以上人口", "老年人口", "老人数", "pop60"),
        "residents_under15": (
            "children",
            "儿童",
            "儿童数",
            "儿童人口",
            "0-14岁",
            "0-14岁人口",
            "0～14岁",
            "14岁以下",
            "15岁以下",
            "pop0_14",
            "under15",
        ),
        "households_source": ("户数来源",),
        "levels": ("层数", "楼层", "楼层数", "地上层数", "floors", "storeys", "building:levels"),
    },
    "service_points": {
        **_NAMES,
        "name": (*_NAMES["name"], "店名", "网点名称", "服务点名称", "设施名称"),
        "point_id": ("id", "编号", "网点编号", "服务点编号", "poi_id", "code", "编码"),
        "category": ("类别", "类型", "分类", "服务类别", "大类", "type", "kind", "leibie"),
        "origin": ("来源",),
        "capacity": (
            "容量",
            "床位",
            "床位数",
            "座位",
            "座位数",
            "学位",
            "学位数",
            "接待能力",
            "服务能力",
            "beds",
            "seats",
            "places",
        ),
        "sub": ("小类", "中类", "子类", "细类", "subtype", "sub_category", "subcategory"),
    },
}
"""Per layer: our column and the names it is accepted under, besides its own."""

X_NAMES: Final = ("x", "x坐标", "横坐标", "东坐标", "easting", "point_x")
Y_NAMES: Final = ("y", "y坐标", "纵坐标", "北坐标", "northing", "point_y")
WKT_NAMES: Final = ("wkt", "geometry", "geom", "the_geom", "几何")

LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "large": ("大", "大网格", "一级", "一级网格", "1", "社区", "l"),
    "medium": ("中", "中网格", "二级", "二级网格", "2", "小区", "m"),
    "small": ("小", "小网格", "三级", "三级网格", "3", "微网格", "楼院", "s"),
}

USES: Final[Mapping[str, tuple[str, ...]]] = {
    "residential": ("住宅", "居住", "居民楼", "apartments", "house", "yes", "住宅楼"),
    "mixed": ("商住", "商住两用", "综合", "商住楼", "混合"),
    "other": ("其他", "其它", "商业", "办公", "公共", "工业", "commercial", "office", "industrial"),
}

_BRACKETS: Final = re.compile(r"\(.*?\)|\[.*?\]")
_DBF_NAME_BYTES: Final = 10


def plain(text: str) -> str:
    """Return a name in the form in which names are compared.

    Examples
    --------
    >>> plain(" 户数(户) "), plain("Ｎame_ZH")
    ('户数', 'name_zh')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", "", _BRACKETS.sub("", folded))


def find_column(columns: Iterable[str], names: Iterable[str]) -> str | None:
    """Return the first of `columns` that answers to one of `names`, earlier names first."""
    there = {plain(column): column for column in reversed(list(columns))}
    for name in names:
        found = there.get(plain(name)) or _cut(name, there)
        if found is not None:
            return found
    return None


def our_columns(layer: str, columns: Iterable[str]) -> dict[str, str]:
    """Return which of `columns` stands for which column of ours: ``{theirs: ours}``."""
    free = list(columns)
    found: dict[str, str] = {}
    for ours, names in COLUMN_ALIASES[layer].items():  # a column's own name beats every alias
        exact = find_column(free, [ours])
        theirs = exact or find_column(free, names)
        if theirs is not None:
            found[theirs] = ours
            free.remove(theirs)
    return found


def word_of(value: str, words: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the word that `value` stands for, `None` if there is none.

    Examples
    --------
    >>> word_of("小网格", LEVELS), word_of("LARGE", LEVELS), word_of("??", LEVELS)
    ('small', 'large', None)
    """
    wanted = plain(value)
    for word, others in words.items():
        if wanted in (plain(word), *(plain(other) for other in others)):
            return word
    return None


def _cut(name: str, there: Mapping[str, str]) -> str | None:
    """Return the column whose name is what a DBF leaves of a longer `name`."""
    for encoding in ("utf-8", "gb18030"):
        raw = name.encode(encoding)
        if len(raw) > _DBF_NAME_BYTES:
            left = raw[:_DBF_NAME_BYTES].decode(encoding, errors="ignore")
            if plain(left) in there:
                return there[plain(left)]
    return None
