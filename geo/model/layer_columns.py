"""Columns of each layer: name, type, unit, values, and the names that files give them.

Readers, tables, checks, views, schemas and exports take a column from here.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from geo.model.columns import ISO_DAY, Column, Value
from geo.model.vocabulary import BarrierKind, EntranceKind, GateAccess, Origin

HOUSEHOLDS_SOURCES: Final = ("counted", "estimated", "synthetic")


def _layer(*columns: Column) -> Mapping[str, Column]:
    return {column.name: column for column in columns}


def _words(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(words, ())


_NO_MOBILE: Final = r"(?s)(?!.*(?<!\d)(?:86[\s-]?)?1[3-9]\d(?:[\s-]?\d){8}(?!\d)).*"
"""No mobile number of mainland China (1, then 3 to 9, then nine digits): it may be a person's."""


_ORIGIN: Final = Column(
    "origin", "str", "where it comes from", words=_words(Origin), aliases=("来源",),
    initial=Origin.GIVEN.value, example="given",
)  # fmt: skip
_DEMAND_POINT: Final = (
    Column("lon", "float", "degrees", derived=True, shown=False, example=118.002),
    Column("lat", "float", "degrees", derived=True, shown=False, example=37.38),
)

COLUMNS: Final[Mapping[str, Mapping[str, Column]]] = {
    "grids": _layer(
        Column("code", "str", "unique; starts with parent_code", example="371602001001101",
               aliases=("编码", "网格编码", "网格代码", "代码", "grid_code", "gridcode", "wgbm",
                        "bm")),
        Column("level", "str", "level of the hierarchy", example="small",
               words={
                   "large": ("大", "大网格", "一级", "一级网格", "1", "社区", "l"),
                   "medium": ("中", "中网格", "二级", "二级网格", "2", "小区", "m"),
                   "small": ("小", "小网格", "三级", "三级网格", "3", "微网格", "楼院", "s"),
               },
               aliases=("层级", "级别", "网格级别", "网格层级", "grid_level", "wgjb")),
        Column("parent_code", "str", "the grid one level up; null for large", nullable=True,
               initial=None, example="3716020010011",
               aliases=("parent", "上级编码", "上级网格", "上级网格编码", "父编码", "parentcode")),
        Column("name_zh", "str", "name in Chinese", initial="", example="第一网格"),
        Column("name_en", "str", "name in English", initial="", example="Grid 1"),
        _ORIGIN,
    ),  # Polygon or MultiPolygon
    "buildings": _layer(
        Column("building_id", "str", "unique", example="b1",
               aliases=("id", "编号", "楼栋编号", "楼栋编码", "楼栋id", "bldg_id", "code", "编码")),
        Column("name", "str", "name", initial="", example="1号楼",
               aliases=("楼栋名称", "楼名", "楼号", "栋号")),
        Column("use", "str", "what it is used for", initial="residential", example="residential",
               words={
                   "residential":
                       ("住宅", "居住", "居民楼", "apartments", "house", "yes", "住宅楼"),
                   "mixed": ("商住", "商住两用", "综合", "商住楼", "混合"),
                   "other": ("其他", "其它", "商业", "办公", "公共", "工业", "commercial",
                             "office", "industrial"),
               },
               aliases=("用途", "建筑用途", "使用性质", "building", "type")),
        Column("households", "int", "households", at_least=0, example=12,
               aliases=("户数", "总户数", "住户数", "hh", "household", "hushu", "zhs")),
        Column("residents", "int", "people", at_least=0, initial=0, shown=False,
               aliases=("人口", "人数", "居民数", "常住人口", "population", "pop", "renkou")),
        Column("residents_60plus", "int", "people of 60 years and more", at_least=0, initial=0,
               shown=False, aliases=("60岁以上", "60岁以上人口", "老年人口", "老人数", "pop60")),
        Column("residents_under15", "int", "people below 15 years", at_least=0, neutral=0,
               shown=False,
               aliases=("children", "儿童", "儿童数", "儿童人口", "0-14岁", "0-14岁人口", "0～14岁",
                        "14岁以下", "15岁以下", "pop0_14", "under15")),
        Column("levels", "int", "storeys; 0 = unknown", at_least=0, initial=0, shown=False,
               aliases=("层数", "楼层", "楼层数", "地上层数", "floors", "storeys",
                        "building:levels")),
        Column("lift", "bool", "whether it has a lift", nullable=True, neutral=None, shown=False,
               example=True, aliases=("电梯", "有无电梯", "是否有电梯", "elevator")),
        Column("households_source", "str", "how the households are known", initial="counted",
               words=_words(HOUSEHOLDS_SOURCES), aliases=("户数来源",), example="synthetic"),
        *_DEMAND_POINT,  # always inside the footprint
    ),  # Point, Polygon or MultiPolygon (footprint)
    "service_points": _layer(
        Column("point_id", "str", "unique", example="p1",
               aliases=("id", "编号", "网点编号", "服务点编号", "poi_id", "code", "编码")),
        Column("category", "str", "id of a category of the standard", example="catering",
               aliases=("类别", "类型", "分类", "服务类别", "大类", "type", "kind", "leibie")),
        Column("name", "str", "name", initial="", example="社区食堂",
               aliases=("店名", "网点名称", "服务点名称", "设施名称")),
        Column("sub", "str", "what it is: id of a kind of the standard, a local term, or empty",
               initial="", example="canteen",
               aliases=("小类", "中类", "子类", "细类", "subtype", "sub_category", "subcategory",
                        "typecode")),
        _ORIGIN,
        Column("capacity", "float", "in the unit of its category; 1 = one point", neutral=1.0,
               at_least=0, shown=False, example=1.0,
               aliases=("容量", "床位", "床位数", "座位", "座位数", "学位", "学位数", "接待能力",
                        "服务能力", "beds", "seats", "places")),
        Column("fee_class", "str", "whether the service costs anything", nullable=True,
               neutral=None, example="low", aliases=("收费方式", "收费类别"),
               words={"free": ("无偿", "免费"), "low": ("低偿", "低收费"),
                      "paid": ("有偿", "收费")}),
        Column("items", "str", "what it offers, separated by ;", nullable=True, neutral=None,
               example="生活照料;配餐", aliases=("服务项目", "服务内容")),
        Column("brand", "str", "brand of the service", nullable=True, neutral=None,
               osm_tag="brand", aliases=("服务品牌", "品牌")),
        Column("member", "bool", "whether it is a member shop", nullable=True, neutral=None,
               example=True, aliases=("加盟商户", "是否加盟")),
        Column("opening_hours", "str", "as OpenStreetMap writes them", nullable=True, neutral=None,
               example="Mo-Su 06:30-20:00", osm_tag="opening_hours",
               aliases=("开放时间", "营业时间", "服务时间")),
        Column("phone", "str", "number of the office, never of a person", nullable=True,
               neutral=None, pattern=_NO_MOBILE,
               form="columns.office_number",
               aliases=("联系电话", "电话", "tel", "telephone")),
        Column("floor_area_m2", "float", "floor area, square metres", nullable=True, neutral=None,
               at_least=0, unit="m²", example=320.0, aliases=("建筑面积", "floor_area")),
        Column("scope", "str", "whom it serves; one of a district counts in no 15-minute circle",
               nullable=True, neutral=None, example="community",
               aliases=("服务范围",),
               words={"community": ("社区", "本社区"), "district": ("区", "全区", "区级")}),
        Column("operator", "str", "who runs it: an organisation", nullable=True, neutral=None,
               aliases=("运营主体", "运营单位")),
        *_DEMAND_POINT,
    ),  # Point
    "walk_edges": _layer(
        Column("edge_id", "int", "unique", example=1,
               aliases=("street_id", "id", "编号", "道路编号", "道路编码", "路段编号", "街道编号",
                        "osm_id", "fid", "objectid", "gid", "code", "编码")),
        Column("u", "int", "node at the start of the geometry", shown=False),
        Column("v", "int", "node at its end; shared nodes are the only connections", shown=False),
        Column("length_m", "float", "along the geometry, in the district's metric CRS", at_least=0,
               shown=False),
        Column("kind", "str", "OSM highway value: footway, steps, residential ...",
               example="footway",
               aliases=("highway", "fclass", "road_type", "road_class", "类型", "道路类型",
                        "道路等级", "道路类别", "类别", "等级", "class", "type")),
        Column("forward", "bool", "walkable u -> v", shown=False),
        Column("backward", "bool", "walkable v -> u", shown=False),
        Column("private", "bool", "walks may start and end here; nobody passes through",
               example=False, aliases=("私有", "内部道路")),
        Column("gated", "bool", "behind a private gate, which walks that start or end here may "
               "pass", neutral=False, shown=False),
        Column("bridge", "bool", "a bridge", example=False,
               aliases=("桥", "桥梁", "是否桥", "是否桥梁")),
        Column("tunnel", "bool", "a tunnel", shown=False,
               aliases=("隧道", "地道", "地下通道", "是否隧道")),
        Column("crossing", "bool", "over a carriageway, where a walker waits", neutral=False,
               shown=False),
        Column("climb_m", "float", "height of v above u; 0 = level or unknown", neutral=0.0,
               shown=False),
        Column("level", "int", "0 = on the ground, above it > 0, below it < 0", neutral=0,
               shown=False, aliases=("layer", "层级", "层", "竖向层", "z_level", "zlevel")),
        Column("opening_hours", "str", "when it may be walked, as OpenStreetMap writes hours; "
               "empty = always", neutral="", shown=False, aliases=("开放时间", "通行时间")),
        Column("lanes", "int", "lanes of a street, 0 = unknown", neutral=0, shown=False,
               aliases=("车道数", "车道")),
        Column("one_way", "bool", "whether vehicles go one way, as on a carriageway of a dual road",
               neutral=False, shown=False, aliases=("oneway", "单行", "单行道", "单向")),
        Column("crossing_u", "str", "how walkers cross the street at u: signals, marked, "
               "unmarked; empty = unknown", neutral="", shown=False),
        Column("crossing_v", "str", "the same at v", neutral="", shown=False),
        Column("name", "str", "name", example="",
               aliases=("道路名称", "路名", "街道名称", "road_name")),
        Column("osm_id", "int", "way id; 0 where there is none", shown=False),
        Column("origin", "str", "given = a street of the district's own; empty = any other",
               neutral="", shown=False),
    ),  # LineString
    "barriers": _layer(
        Column("barrier_id", "str", "unique", example="w1"),
        Column("kind", "str", "what it is", words=_words(BarrierKind), example="wall"),
        Column("name", "str", "name", initial="", example=""),
        Column("level", "int", "0 = on the ground; stops walkers on its own level", neutral=0,
               shown=False),
    ),  # LineString, MultiLineString, Polygon or MultiPolygon
    "gates": _layer(
        Column("gate_id", "str", "unique", example="g1"),
        Column("access", "str", "who may pass", words=_words(GateAccess), example="open"),
        Column("name", "str", "name", initial="", example="南门"),
        Column("node", "int", "walk network node at the gate; 0 where there is none", initial=0,
               shown=False),
        Column("opening_hours", "str", "as OpenStreetMap writes them; empty = always", neutral="",
               example="06:00-22:00"),
    ),  # Point
    "open_grounds": _layer(
        Column("ground_id", "str", "unique", example="way/5",
               aliases=("id", "编号", "地块编号", "图斑编号", "tbbh")),
        Column("kind", "str", "what it is used for", example="park",
               words={
                   "park": ("公园", "绿地", "公园绿地", "广场", "林地", "墓地"),
                   "institution": ("院校", "学校", "医院", "单位", "机关", "教育用地",
                                   "医疗卫生用地"),
                   "works": ("厂区", "工厂", "工业", "工业用地", "仓储用地", "园区", "采矿用地"),
                   "field": ("农田", "耕地", "园地", "草地", "农用地"),
                   "compound": ("小区", "住宅小区", "居住用地", "住宅用地", "大院"),
               },
               aliases=("类型", "类别", "用途", "用地性质", "用地类型", "地类名称", "dlmc", "type",
                        "landuse")),
        Column("name", "str", "name", initial="", example="人民公园",
               aliases=("地块名称", "用地名称")),
    ),  # Polygon or MultiPolygon
    "entrances": _layer(  # one row per place that an entrance leads into
        Column("entrance_id", "str", "unique", example="e1",
               aliases=("id", "编号", "出入口编号", "单元门编号")),
        Column("building_id", "str", "building that it leads into", nullable=True, neutral=None,
               example="b1", aliases=("楼栋编号", "楼栋编码", "楼栋id", "bldg_id")),
        Column("point_id", "str", "service point that it leads into", nullable=True, neutral=None,
               aliases=("服务点编号", "网点编号", "poi_id")),
        Column("kind", "str", "what it is; nobody enters by exit, emergency, garage",
               initial=EntranceKind.YES.value, example="main",
               words={
                   "main": ("主入口", "主出入口", "正门", "大门"),
                   "yes": ("出入口", "入口", "entrance"),
                   "staircase": ("单元门", "单元", "楼梯口"), "home": ("入户门",),
                   "shop": ("店门",), "service": ("后门", "员工通道"),
                   "gate": ("门", "院门"), "outline": ("轮廓",),
                   "garage": ("车库",), "emergency": ("安全出口", "紧急出口"), "exit": ("出口",),
               },
               aliases=("类型", "类别", "entrance", "type")),
        Column("access", "str", "who may enter", words=_words(GateAccess),
               initial=GateAccess.OPEN.value, example="open", aliases=("通行", "准入")),
        Column("name", "str", "name or number", initial="", example="2单元",
               aliases=("出入口名称", "单元号", "ref")),
    ),  # Point
    "workers": _layer(
        Column("worker_code", "str", "a post, never a person; one row per small grid of the beat",
               example="371602001001W01",
               aliases=("post_code", "post", "beat_code", "岗位编码", "岗位编号", "片区编码",
                        "责任片区编码", "服务员编码", "网格员编码")),
        Column("grid_code", "str", "code of a small grid", example="371602001001101",
               aliases=("grid_codes", "网格编码", "网格代码", "编码", "code", "所辖网格",
                        "负责网格", "包片网格")),
        Column("post_name", "str", "name of the post, never of a person", nullable=True,
               neutral=None, example="滨河一片区",
               aliases=("岗位名称", "片区名称", "责任片区", "责任片区名称", "岗位")),
        Column("phone", "str", "number of the office of the post, never of a person", nullable=True,
               neutral=None, pattern=_NO_MOBILE, form="columns.office_number",
               example="0543-3180000",
               aliases=("联系电话", "办公电话", "电话", "tel", "telephone")),
    ),  # no geometry
    "organisations": _layer(  # one row per grid that an organisation serves; never a person
        Column("link_id", "str", "unique", example="o1", aliases=("id", "编号")),
        Column("name", "str", "name of the organisation", initial="", example="第一社区党总支",
               aliases=("组织名称", "机构名称")),
        Column("role", "str", "what it does in the plan of a grid, or in its community",
               nullable=True, neutral=None, example="general_branch",
               aliases=("角色", "组织类型", "类型"),
               words={
                   "general_branch": ("总支", "general branch"), "branch": ("支部",),
                   "group": ("小组",), "window": ("一站式窗口", "one-stop window"),
                   "hub": ("中心",), "station": ("站点",), "core": ("核心",),
                   "decision": ("决策",), "execution": ("执行",), "supervision": ("监督",),
               }),
        Column("kind", "str", "what kind of organisation it is", nullable=True, neutral=None,
               example="general_branch", aliases=("组织类别", "机构类别", "类别"),
               words={
                   "general_branch": ("总支", "general branch"), "branch": ("支部",),
                   "group": ("小组",),
                   "owners_committee": ("业主委员会", "业委会", "owners' committee"),
                   "property_manager": ("物业", "物业公司", "property manager"),
                   "residents_committee": ("居委会", "居民委员会", "residents' committee"),
                   "supervision": ("监督委员会",),
                   "social_organisation": ("社会组织", "social organisation"),
                   "social_work_agency": ("社工机构", "social work agency"),
                   "volunteer_team": ("志愿者队伍", "volunteer team"),
                   "resident_unit": ("驻区单位", "resident unit"),
               }),
        Column("grid_code", "str", "code of the grid it belongs to or serves", nullable=True,
               neutral=None, example="371602001001",
               aliases=("grid_codes", "网格编码", "网格代码", "编码", "code", "服务网格")),
        Column("point_id", "str", "service point at which it is", nullable=True, neutral=None,
               aliases=("服务点编号", "网点编号")),
        Column("members", "int", "volunteers of a team, members of a branch: their number",
               nullable=True, neutral=None, at_least=0,
               aliases=("人数", "成员数", "志愿者人数", "党员人数")),
        Column("agreed_on", "str", "day of the agreement with the grid, YYYY-MM-DD", nullable=True,
               neutral=None, pattern=ISO_DAY, form="columns.day",
               aliases=("协议日期", "签订日期", "共建日期")),
        Column("agreement", "str", "what the agreement says", nullable=True, neutral=None,
               aliases=("共驻共建协议", "协议", "协议内容")),
        Column("lon", "float", "degrees", nullable=True, neutral=None, example=118.002),
        Column("lat", "float", "degrees", nullable=True, neutral=None, example=37.38),
    ),  # no geometry
}  # fmt: skip
"""Columns of each layer, in order; every layer but :data:`TABLES` has a `geometry` column too."""


def shown_columns(layer: str) -> list[str]:
    """Return the columns of a layer that its GeoJSON has."""
    return [column.name for column in COLUMNS[layer].values() if column.shown]


def has_demand_point(layer: str) -> bool:
    """Return whether a layer has a place (lon, lat) that follows from its geometry."""
    return any(column.derived for column in COLUMNS[layer].values())


def example_row(layer: str, names: Iterable[str]) -> dict[str, Value | None]:
    """Return columns of a layer with their examples, for the API document."""
    return {name: COLUMNS[layer][name].example for name in names}


KEYS: Final[Mapping[str, str]] = {
    "grids": "code",
    "buildings": "building_id",
    "service_points": "point_id",
    "walk_edges": "edge_id",
    "barriers": "barrier_id",
    "gates": "gate_id",
    "open_grounds": "ground_id",
    "entrances": "entrance_id",
    "workers": "grid_code",
    "organisations": "link_id",
}
"""The unique column of each layer."""

TABLES: Final = ("workers", "organisations")
"""Layers without geometry."""
