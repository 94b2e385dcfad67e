"""Layers of the folium file: grids by level, service points by category, uncovered buildings."""

from collections.abc import Collection
from html import escape
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from folium.utilities import JsCode

from geo.messages import percent
from geo.model.standard import Category, PlaceGroup, Standard
from geo.model.vocabulary import Origin
from maps import palettes
from maps.classify import COVERAGE_EDGES, classify
from maps.style import OUTLINE_PX
from maps.words.catalogue import say

DECIMALS: Final = 6
"""Decimals of a coordinate in the file: about 0.1 m."""

HATCH: Final = "url(#no-data)"
"""SVG pattern of a grid without households; `folium_frame.html` defines it."""

_BADGE: Final = JsCode(
    "(f, at) => L.marker(at, {title: f.properties.title, keyboard: false, icon: L.divIcon("
    "{className: 'badge c' + f.properties.n, html: f.properties.mark, iconSize: [18, 18]})})"
)
_SQUARE: Final = JsCode(
    "(f, at) => L.marker(at, {title: f.properties.title, keyboard: false, zIndexOffset: 1000, "
    "icon: L.divIcon("
    "{className: 'square ' + f.properties.status, iconSize: [8, 8]})})"
)


def collection(frame: gpd.GeoDataFrame, key: str) -> dict[str, Any]:
    """Return `frame` (EPSG:4326) as GeoJSON with `key` as feature id and rounded coordinates."""
    rounded = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    columns = frame.drop(columns="geometry")
    records = columns.to_dict("records")
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": record[key], "properties": record, "geometry": shape}
            for record, shape in zip(
                records, (shapely.geometry.mapping(g) for g in rounded), strict=True
            )
        ],
    }


def grid_layer(
    grids: gpd.GeoDataFrame,
    coverage: pd.DataFrame,
    *,
    level: str,
    standard: Standard,
    lang: str,
    show: bool,
) -> folium.GeoJson:
    """Return one level as a layer coloured by the share of households that reach everything.

    Parameters
    ----------
    grids : GeoDataFrame
        Grids of that level, EPSG:4326.
    coverage : DataFrame
        Its coverage table (:func:`geo.accessibility.coverage.coverage_table`).
    """
    table = coverage.set_index("code").loc[grids["code"]]
    drawn = gpd.GeoDataFrame(
        {
            "code": grids["code"].to_numpy(),
            "cls": classify(table["coverage_all"], edges=COVERAGE_EDGES),
            "tip": [_tip(row, standard, lang) for row in table.reset_index().to_dict("records")],
            "dotted": (grids["origin"] == Origin.SYNTHETIC).to_numpy(),
        },
        geometry=grids.geometry.to_numpy(),
        crs=grids.crs,
    )
    return folium.GeoJson(
        collection(drawn, "code"),
        name=escape(say(lang, f"level.{level}")),
        overlay=False,
        show=show,
        style_function=lambda feature: _grid_style(feature["properties"], level),
        tooltip=folium.GeoJsonTooltip(["tip"], labels=False, sticky=True),
    )


def _grid_style(properties: dict[str, Any], level: str) -> dict[str, Any]:
    missing = properties["cls"] < 0
    return {
        "color": palettes.INK,
        "weight": OUTLINE_PX[level],
        "opacity": 0.7,
        "dashArray": "1 3" if properties["dotted"] else None,
        "fillColor": HATCH if missing else palettes.COVERAGE[properties["cls"]],
        "fillOpacity": 0.92,
    }


def _tip(row: dict[str, Any], standard: Standard, lang: str) -> str:
    """Return the tooltip of a grid; every name in it is escaped."""
    name = escape(str(row[f"name_{lang}"] or row["code"]))
    reached = escape(
        say(
            lang,
            "reach.judged" if row["without_points"] else "reach.all",
            covered=f"{row['covered_all']:,.0f}",
            households=f"{row['households']:,.0f}",
        )
    )
    without = row["without_points"].split()
    shares = {
        c: say(lang, "without.cell") if c.id in without else percent(row[f"coverage_{c.id}"], lang)
        for c in standard.categories
    }
    lines = "".join(
        f"<tr><td>{escape(getattr(c, lang))}</td><td>{escape(share)}</td></tr>"
        for c, share in shares.items()
    )
    unlinked = f"{escape(say(lang, 'fact.unlinked'))} {row['unlinked']:,.0f}"
    return (
        f"<b>{name}</b><br>{escape(row['code'])}<br><b>{percent(row['coverage_all'], lang)}</b> "
        f"{reached}<br>{unlinked}<table>{lines}</table>"
    )


def point_layer(
    points: gpd.GeoDataFrame, category: Category | PlaceGroup, *, position: int, lang: str
) -> folium.GeoJson:
    """Return the service points of one category as badges, each with its kind.

    `position` is the place of the category in the list.
    """
    mark = category.badge_zh if lang == "zh" else category.badge_en
    term = getattr(category, lang)
    kinds = {kind.id: getattr(kind, lang) for kind in category.kinds}
    said = [kinds.get(sub, term) for sub in points["sub"]]
    drawn = gpd.GeoDataFrame(
        {
            "point_id": points["point_id"].to_numpy(),
            "title": [
                f"{name} · {kind}" if name else kind
                for name, kind in zip(points["name"], said, strict=True)
            ],
            "mark": escape(mark),
            "n": position,
        },
        geometry=gpd.points_from_xy(points["lon"], points["lat"]),
        crs=4326,
    )
    name = f'<i class="badge c{position}">{escape(mark)}</i> {escape(term)} {len(points):,}'
    return folium.GeoJson(
        collection(drawn, "point_id"), name=name, show=False, point_to_layer=_BADGE
    )


def uncovered(buildings: pd.DataFrame, *, without: Collection[str] = ()) -> pd.DataFrame:
    """Return the lived-in buildings that lack at least one category, most households first.

    Parameters
    ----------
    buildings : DataFrame
        One row per building and category (:func:`geo.accessibility.coverage.building_table`).
    without : collection of str
        Categories that are not judged, and so are not lacking.

    Returns
    -------
    DataFrame
        ``building_id, lon, lat, households, status``; status ``unlinked`` where nothing is linked.
    """
    judged = ~buildings["category"].isin(list(without))
    lived = buildings[(buildings["households"] > 0) & judged]
    lacking = lived[lived["status"] != "covered"]
    one = lacking.groupby("building_id", sort=False).agg(
        lon=("lon", "first"),
        lat=("lat", "first"),
        households=("households", "first"),
        unlinked=("status", lambda status: (status == "unlinked").all()),
    )
    one["status"] = np.where(one.pop("unlinked"), "unlinked", "beyond")
    return one.reset_index().sort_values(
        ["households", "building_id"], ascending=[False, True], ignore_index=True
    )


def square_layer(lacking: pd.DataFrame, *, lang: str) -> folium.GeoJson:
    """Return uncovered buildings as small dark squares, above everything else."""
    drawn = gpd.GeoDataFrame(
        {
            "building_id": lacking["building_id"].to_numpy(),
            "status": lacking["status"].to_numpy(),
            "title": [
                say(lang, "peek.building", id=row.building_id, households=f"{row.households:,.0f}")
                for row in lacking.itertuples()
            ],
        },
        geometry=gpd.points_from_xy(lacking["lon"], lacking["lat"]),
        crs=4326,
    )
    name = f"{escape(say(lang, 'legend.beyond'))} {len(lacking):,}"
    return folium.GeoJson(collection(drawn, "building_id"), name=name, point_to_layer=_SQUARE)
