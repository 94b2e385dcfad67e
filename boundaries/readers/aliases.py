"""Aliases of column names and values in files.

Names are compared after :func:`boundaries.plain_names.plain`, and by their first ten bytes as well,
since a shapefile cuts its names there.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from boundaries.plain_names import plain
from boundaries.readers.initials import of_initials
from geo.errors import InputError
from geo.model.layer_columns import COLUMNS, TABLES

_NAMES: Final = {
    "name": ("名称", "名字", "title"),
    "name_zh": ("中文名", "中文名称", "name:zh"),
    "name_en": ("英文名", "英文名称", "name:en"),
    "lon": ("longitude", "lng", "long", "经度", "wgs84经度", "x经度"),
    "lat": ("latitude", "纬度", "wgs84纬度", "y纬度"),
}

_POST: Final = ("worker_code", "post_name")
"""Columns by which a file of grids may say who looks after each."""

_FURTHER: Final = {
    "grids": {
        "name": ("网格名称", "社区名称", "小区名称"),
        **{name: COLUMNS["workers"][name].aliases for name in _POST},
    },
    "walk_edges": {
        "steps": ("台阶", "阶梯", "梯道", "有无台阶", "是否台阶", "stairs"),
        "access": ("foot", "通行", "准入", "通行权限", "是否可通行"),
        "gate": ("gates", "大门", "门", "门禁", "闸门"),
    },
}
"""Columns that are read from files although their layer does not store them."""


_WORKED_OUT: Final = {
    "u", "v", "length_m", "forward", "backward", "gated", "crossing", "climb_m", "crossing_u",
    "crossing_v", "osm_id", "origin",
}  # fmt: skip
"""Columns of walk edges that no file brings."""


def _aliases(layer: str) -> dict[str, tuple[str, ...]]:
    ours = {column.name: column.aliases for column in COLUMNS[layer].values()}
    further = {**ours, **_FURTHER.get(layer, {})}
    return {name: _NAMES.get(name, ()) + further.get(name, ()) for name in {**_NAMES, **further}}


HOUSEHOLDS: Final = "households"
"""What a table brings that counts the households of buildings that are stored."""

CONTROL_POINTS: Final = "control_points"
"""What a table brings that tells places in a local system and in WGS 84 or CGCS2000."""

WITHOUT_SHAPES: Final = (*TABLES, HOUSEHOLDS, CONTROL_POINTS)
"""What tables bring whose rows have no shapes."""

COUNTS: Final = ("households", "residents", "residents_60plus", "residents_under15")
"""Columns of buildings that such a table may count."""

_OF_HOUSEHOLDS: Final = {
    "building_id": ("id", "楼栋编号", "楼栋编码", "楼栋id", "bldg_id", "楼栋代码"),
    "grid_code": ("网格编码", "网格代码", "社区编码", "社区代码"),
    "street": ("街道", "街道名称", "镇街", "乡镇", "乡镇街道", "所属街道"),
    "community": ("社区", "社区名称", "所属社区", "村居", "村社区", "社区村", "居委会"),
    "compound": ("小区", "小区名称", "所属小区", "居民小区", "楼院", "院落"),
    "building": ("楼栋", "楼号", "栋号", "幢号", "楼栋号", "楼栋名称", "楼名", "楼幢号"),
    "unit": ("单元", "单元号", "楼道", "门洞"),
    "room": ("室", "房号", "室号", "房间号", "房间", "户室号", "门牌号"),
    "household": ("户号", "户编号", "家庭编号", "household_id"),
    "address": ("地址", "详细地址", "住址", "家庭住址", "居住地址", "现住址", "门牌地址", "addr"),
    **{name: COLUMNS["buildings"][name].aliases for name in (*COUNTS, "households_source")},
}

X_NAMES: Final = ("x", "x坐标", "横坐标", "东坐标", "easting", "point_x")
Y_NAMES: Final = ("y", "y坐标", "纵坐标", "北坐标", "northing", "point_y")
WKT_NAMES: Final = ("wkt", "geometry", "geom", "the_geom", "几何")

_OF_CONTROL_POINTS: Final = {
    "point": ("点号", "点名", "控制点", "编号", "名称", "id", "name"),
    "x": (*X_NAMES, "地方x", "独立x", "城建x", "施工x"),
    "y": (*Y_NAMES, "地方y", "独立y", "城建y", "施工y"),
    "lon": _NAMES["lon"],
    "lat": _NAMES["lat"],
    "x2": ("x2000", "2000x", "cgcs2000x", "国家2000x", "国家x", "2000坐标x"),
    "y2": ("y2000", "2000y", "cgcs2000y", "国家2000y", "国家y", "2000坐标y"),
    "h": ("高程", "h1", "z", "大地高1"),
    "h2": ("大地高", "z2", "大地高2", "h2000"),
}

COLUMN_ALIASES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "boundary": _NAMES,
    **{
        layer: _aliases(layer)
        for layer in (
            "grids",
            "buildings",
            "service_points",
            "open_grounds",
            "entrances",
            "organisations",
        )
    },
    "walk_edges": {
        name: names
        for name, names in _aliases("walk_edges").items()
        if name not in _WORKED_OUT and name not in {"lon", "lat"}
    },
    "workers": {column.name: column.aliases for column in COLUMNS["workers"].values()},
    HOUSEHOLDS: _OF_HOUSEHOLDS,
    CONTROL_POINTS: _OF_CONTROL_POINTS,
}
"""Per layer that a file can bring: our column and its other names in files.

Names of the whole layer's columns stand in :data:`geo.model.layer_columns.COLUMNS`.
"""

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "boundary": (),
    "grids": ("code",),
    "buildings": ("households",),
    "service_points": ("category",),
    "open_grounds": ("kind",),
    "entrances": (),
    "walk_edges": (),
    "organisations": ("name",),
    "workers": ("worker_code", "grid_code"),
    HOUSEHOLDS: (),
    CONTROL_POINTS: ("x", "y"),
}
"""Columns without which a file is not one of a layer."""

_DBF_NAME_BYTES: Final = 10


def find_column(columns: Iterable[str], names: Iterable[str]) -> str | None:
    """Return the first of `columns` that answers to one of `names`, earlier names first."""
    by_name = {plain(column): column for column in reversed(list(columns))}
    for name in names:
        match = by_name.get(plain(name)) or _cut(name, by_name)
        if match is not None:
            return match
    return None


def our_columns(
    layer: str, columns: Iterable[str], told: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the layer column that each file column maps to: ``{theirs: ours}``.

    Parameters
    ----------
    layer : str
    columns : iterable of str
        Of the file.
    told : mapping of str to str, optional
        Columns of ours, and what the user says that the file calls them; they come first.

    Examples
    --------
    >>> our_columns("buildings", ["户数", "常住户"], {"households": "常住户"})
    {'常住户': 'households'}
    """
    free = list(columns)
    renames: dict[str, str] = {}
    for ours, name in (told or {}).items():
        theirs = name if name in free else find_column(free, [name])
        if ours in COLUMN_ALIASES[layer] and theirs is not None:
            renames[theirs] = ours
            free.remove(theirs)
    for ours, names in COLUMN_ALIASES[layer].items():  # a column's own name beats every alias
        if ours in renames.values():
            continue
        exact = find_column(free, [ours])
        theirs = exact or find_column(free, names)
        if theirs is not None:
            renames[theirs] = ours
            free.remove(theirs)
    unknown = {ours: names for ours, names in COLUMN_ALIASES[layer].items()
               if ours not in renames.values()}  # fmt: skip
    return renames | of_initials(free, unknown)


def word_of(value: str, words: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the word that `value` stands for, `None` if there is none.

    Examples
    --------
    >>> levels = COLUMNS["grids"]["level"].words
    >>> word_of("小网格", levels), word_of("LARGE", levels), word_of("??", levels)
    ('small', 'large', None)
    """
    wanted = plain(value)
    for word, others in words.items():
        if wanted in (plain(word), *(plain(other) for other in others)):
            return word
    return None


def _cut(name: str, by_name: Mapping[str, str]) -> str | None:
    """Return the column whose name is `name` as DBF truncates it."""
    for encoding in ("utf-8", "gb18030"):
        raw = name.encode(encoding)
        if len(raw) > _DBF_NAME_BYTES:
            left = raw[:_DBF_NAME_BYTES].decode(encoding, errors="ignore")
            if plain(left) in by_name:
                return by_name[plain(left)]
    return None


def columns_told(texts: Iterable[str]) -> dict[str, str]:
    """Return columns of ours, and what the file calls them.

    Raises
    ------
    InputError
        If a text is not ``NAME=COLUMN``, or names no column that a file can bring.

    Examples
    --------
    >>> columns_told(["households=常住户"])
    {'households': '常住户'}
    """
    told = {}
    known = sorted({name for layer in COLUMN_ALIASES.values() for name in layer})
    for text in texts:
        ours, _, theirs = (each.strip() for each in text.partition("="))
        if ours not in known or not theirs:
            raise InputError("reading.no_such_column", text=text, known=known)
        told[ours] = theirs
    return told
