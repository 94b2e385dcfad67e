"""Beats in the folium file: their loads, grids without a worker, and the legend."""

from html import escape
from typing import Any, Final

import folium
import geopandas as gpd
from folium.utilities import JsCode

from geo.messages import percent
from geo.staffing.beats import Beats, widest_places
from geo.staffing.completeness import Met
from maps import palettes
from maps.folium.layers import collection
from maps.words.catalogue import say

_LOADS: Final = {
    str(status): colour
    for status, colour in zip((Met.LIGHT, Met.MET, Met.HEAVY), palettes.LOAD, strict=True)
}
LOAD_MARKS: Final = {str(Met.LIGHT): "▼", str(Met.MET): "", str(Met.HEAVY): "▲"}
"""Text marks of the loads, since colour must not be the only cue."""

NOBODY: Final = "url(#nobody)"
"""SVG pattern of a grid without a worker; `folium_frame.html` defines it."""

_LABEL: Final = JsCode(
    "(f, at) => L.marker(at, {interactive: false, keyboard: false, icon: L.divIcon("
    "{className: 'load', html: f.properties.label, iconSize: null})})"
)


def beat_layers(beats: Beats, grids: gpd.GeoDataFrame, *, lang: str) -> folium.FeatureGroup:
    """Return a layer of beats coloured by load; it names worker codes, never people.

    Parameters
    ----------
    beats : Beats
        At least one.
    grids : GeoDataFrame
        Small grids, EPSG:4326.
    """
    name = f"{escape(say(lang, 'file.beats'))} {len(beats.table):,}"
    group = folium.FeatureGroup(name, overlay=False, show=False)
    if len(beats.unassigned):
        _nobody(beats, grids, lang).add_to(group)
    _outlines(beats, lang).add_to(group)
    off = beats.table[beats.table["status"] != Met.MET]
    if len(off):
        _labels(off).add_to(group)
    return group


def _outlines(beats: Beats, lang: str) -> folium.GeoJson:
    shapes = beats.table.to_crs(4326)
    drawn = gpd.GeoDataFrame(
        {
            "worker": shapes["worker_code"].to_numpy(),
            "status": shapes["status"].to_numpy(),
            "tip": [_tip(row, lang) for row in shapes.drop(columns="geometry").to_dict("records")],
        },
        geometry=shapes.geometry.to_numpy(),
        crs=4326,
    )
    return folium.GeoJson(
        collection(drawn, "worker"),
        control=False,
        style_function=lambda feature: {
            "color": palettes.BEAT,
            "weight": 2,
            "opacity": 1.0,
            "fillColor": _LOADS[feature["properties"]["status"]],
            "fillOpacity": 0.94,
        },
        tooltip=folium.GeoJsonTooltip(["tip"], labels=False, sticky=True),
    )


def _tip(row: dict[str, Any], lang: str) -> str:
    beat = say(
        lang,
        "peek.beat",
        post=row["worker_code"],
        grids=row["grids"],
        households=f"{row['households']:,.0f}",
    )
    return escape(say(lang, "peek.load", beat=beat, status=say(lang, f"load.{row['status']}")))


def _nobody(beats: Beats, grids: gpd.GeoDataFrame, lang: str) -> folium.GeoJson:
    rows = beats.unassigned
    names = rows[f"name_{lang}"].where(rows[f"name_{lang}"] != "", rows["code"])
    drawn = gpd.GeoDataFrame(
        {
            "code": rows["code"].to_numpy(),
            "tip": [
                escape(say(lang, "peek.nobody", name=name, households=f"{households:,.0f}"))
                for name, households in zip(names, rows["households"], strict=True)
            ],
        },
        geometry=grids.set_index("code").geometry.loc[rows["code"]].to_numpy(),
        crs=grids.crs,
    )
    return folium.GeoJson(
        collection(drawn, "code"),
        control=False,
        style_function=lambda _: {
            "color": palettes.INK, "weight": 1, "fillColor": NOBODY, "fillOpacity": 1,
        },
        tooltip=folium.GeoJsonTooltip(["tip"], labels=False, sticky=True),
    )  # fmt: skip


def _labels(off: gpd.GeoDataFrame) -> folium.GeoJson:
    """Return the households of the beats out of the band, written on them."""
    drawn = gpd.GeoDataFrame(
        {
            "worker": off["worker_code"].to_numpy(),
            "label": [
                f"<b>{LOAD_MARKS[status]} {households:,.0f}</b>"
                for status, households in zip(off["status"], off["households"], strict=True)
            ],
        },
        geometry=widest_places(off).to_crs(4326).to_numpy(),
        crs=4326,
    )
    return folium.GeoJson(collection(drawn, "worker"), control=False, point_to_layer=_LABEL)


def beat_key(beats: Beats, *, lang: str) -> dict[str, Any]:
    """Return what the legend shows of the beats."""
    counts = beats.table["status"].value_counts()
    low, high = f"{beats.low:g}", f"{beats.high:g}"
    words = {
        str(Met.LIGHT): say(lang, "legend.light", low=low),
        str(Met.MET): say(lang, "legend.in_band", low=low, high=high),
        str(Met.HEAVY): say(lang, "legend.heavy", high=high),
    }
    met, workers = int(counts.get(Met.MET, 0)), len(beats.table)
    share = say(lang, "headline.beats_band", low=low, high=high, met=met, workers=workers)
    return {
        "share": f"{percent(met / workers, lang)} {share}",
        "classes": [
            {"colour": colour, "text": words[status], "n": int(counts.get(status, 0))}
            for status, colour in _LOADS.items()
        ],
        "nobody": len(beats.unassigned),
    }
