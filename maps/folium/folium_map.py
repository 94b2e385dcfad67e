"""The folium map: one self-contained HTML file that can be sent by mail."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd
import shapely

from geo.errors import EmptyError
from geo.model.layers import District, Layers, Level, Origin
from geo.model.standard import Profile, Standard
from geo.staffing.beats import Beats
from maps import palettes
from maps.assets import templates, vendor_dir
from maps.classify import COVERAGE_EDGES, classify
from maps.folium.beats import beat_key, beat_layers
from maps.folium.inline_assets import InlineMap, Raw, inline_leaflet, same_bytes
from maps.folium.layers import grid_layer, point_layer, square_layer, uncovered
from maps.words.catalogue import noted, percent, say, words
from maps.words.walker import walker_words

GRID_LIMIT: Final = 3_000
"""Grids of one level that a browser still draws smoothly as SVG."""

SQUARE_LIMIT: Final = 2_000
"""Uncovered buildings that are drawn; the file says how many there are."""

SIMPLIFY_M: Final = 5.0
"""Tolerance, metres, by which parents are simplified when the small grids are too many."""

_LEVELS: Final = (Level.SMALL, Level.MEDIUM, Level.LARGE)


def district_map(
    district: District,
    layers: Layers,
    coverage: Mapping[str, pd.DataFrame],
    *,
    standard: Standard,
    profile: Profile,
    minutes: float,
    network: str,
    lang: str,
    beats: Beats | None = None,
) -> str:
    """Return a district's coverage as one self-contained HTML file.

    Nothing in it is loaded at run time, so it opens with the network unplugged. Above
    :data:`GRID_LIMIT` grids a level is left out, its parents are drawn simplified, and the file
    says so.

    Parameters
    ----------
    district : District
    layers : Layers
        EPSG:4326.
    coverage : mapping of str to DataFrame
        Grid level -> coverage table (:func:`geo.accessibility.coverage.coverage_table`).
        ``district`` gives the headline (otherwise it is the sum of the largest level),
        ``building`` (a :func:`geo.accessibility.coverage.building_table`) the uncovered buildings.
    standard, profile, minutes
        What the coverage was measured by; printed in the file.
    network : str
        Name of the walk network; printed as well.
    lang : {'zh', 'en'}
    beats : Beats, optional
        One more view, beside those of the levels.

    Returns
    -------
    str
        HTML; the same input gives the same bytes.

    Raises
    ------
    EmptyError
        If there is no grid level with coverage.
    """
    present = [level for level in _LEVELS if level in coverage and len(coverage[level])]
    if not present:
        raise EmptyError(
            f"District {district.code} has no grids with coverage; wanted at least one level. "
            "Draw or load grids first."
        )
    levels = [level for level in present if len(coverage[level]) <= GRID_LIMIT] or present[-1:]
    parameters = MapParameters(standard, profile, minutes, network, lang)
    chart = _empty_map(layers.grids)
    _add_grids(chart, layers.grids, coverage, levels, parameters, epsg=district.epsg)
    drawn = beats if beats is not None and 0 < len(beats.table) <= GRID_LIMIT else None
    if drawn is not None:
        beat_layers(drawn, layers.grids, lang=lang).add_to(chart)
    _add_points(chart, layers.service_points, parameters)
    notes = _without_points(layers.service_points, parameters)
    if levels != present:
        notes.append(say(lang, "file.simplified", n=len(coverage[present[0]]), limit=GRID_LIMIT))
    if beats is not None and len(beats.table) > GRID_LIMIT:
        notes.append(say(lang, "file.beats_left_out", n=len(beats.table), limit=GRID_LIMIT))
    notes += _add_squares(chart, coverage.get("building"), lang)
    folium.LayerControl(collapsed=False).add_to(chart)
    frame = {
        **_question(district, coverage, levels, parameters),
        **_key(district, layers, coverage, levels[0]),
        "beats": None if drawn is None else beat_key(drawn, lang=lang),
        "note": noted(district, lang),
        "notes": notes,
    }
    return _whole_file(chart, frame)


@dataclass(frozen=True, slots=True)
class MapParameters:
    """What the coverage was computed with, and the language of the map."""

    standard: Standard
    profile: Profile
    minutes: float
    network: str
    lang: str


def _whole_file(chart: InlineMap, frame: dict[str, Any]) -> str:
    """Return the file: Leaflet, the map, and the frame of title, legend and credits around it."""
    figure: Any = chart.get_root()
    inline_leaflet(figure, vendor_dir())
    figure.title = escape(frame["title"])
    figure.html.add_child(Raw(templates().get_template("folium_frame.html").render(**frame)))
    html: str = figure.render()
    return same_bytes(html.replace("<html>", f'<html lang="{frame["lang"]}">', 1))


def _empty_map(grids: gpd.GeoDataFrame) -> InlineMap:
    """Return a map framed on the grids: a district is often larger than what is known of it."""
    west, south, east, north = grids.total_bounds.tolist()
    chart = InlineMap(
        tiles=None, control_scale=True, zoom_control="topleft", attributionControl=False
    )
    chart.fit_bounds([[south, west], [north, east]], padding_top_left=(40, 130))
    return chart


def _add_grids(
    chart: InlineMap,
    grids: gpd.GeoDataFrame,
    coverage: Mapping[str, pd.DataFrame],
    levels: list[Level],
    parameters: MapParameters,
    *,
    epsg: int,
) -> None:
    """Add one layer per level, the finest one shown; parents of a level left out are simplified."""
    simplified = len(levels) < sum(level in coverage for level in _LEVELS)
    for level in levels:
        of_level = grids[grids["level"] == level]
        grid_layer(
            _simplified(of_level, epsg) if simplified else of_level,
            coverage[level],
            level=level,
            standard=parameters.standard,
            lang=parameters.lang,
            show=level == levels[0],
        ).add_to(chart)


def _simplified(grids: gpd.GeoDataFrame, epsg: int) -> gpd.GeoDataFrame:
    """Return `grids` simplified by :data:`SIMPLIFY_M`; shared borders stay shared."""
    metric = grids.to_crs(epsg)
    shapes = shapely.coverage_simplify(metric.geometry.to_numpy(), SIMPLIFY_M)
    return metric.set_geometry(gpd.GeoSeries(shapes, index=metric.index, crs=epsg)).to_crs(
        grids.crs
    )


def _add_points(chart: InlineMap, points: gpd.GeoDataFrame, parameters: MapParameters) -> None:
    for position, category in enumerate(parameters.standard.categories):
        of_category = points[points["category"] == category.id]
        if len(of_category):
            point_layer(of_category, category, position=position, lang=parameters.lang).add_to(
                chart
            )


def _without_points(points: gpd.GeoDataFrame, parameters: MapParameters) -> list[str]:
    """Return a line that names the categories of which the data has no point, if there are any."""
    lang, existing = parameters.lang, set(points["category"])
    missing = [getattr(c, lang) for c in parameters.standard.categories if c.id not in existing]
    if not missing:
        return []
    return [say(lang, "without.points", categories=words(lang)["without.comma"].join(missing))]


def _add_squares(chart: InlineMap, buildings: pd.DataFrame | None, lang: str) -> list[str]:
    """Add the uncovered buildings; return the notes about those that are not drawn."""
    if buildings is None:
        return []
    lacking = uncovered(buildings)
    square_layer(lacking.head(SQUARE_LIMIT), lang=lang).add_to(chart)
    if len(lacking) <= SQUARE_LIMIT:
        return []
    return [say(lang, "file.buildings_cut", n=len(lacking), limit=SQUARE_LIMIT)]


def _question(
    district: District,
    coverage: Mapping[str, pd.DataFrame],
    levels: list[Level],
    parameters: MapParameters,
) -> dict[str, Any]:
    """Return title, headline and the parameters of the figures."""
    lang, standard = parameters.lang, parameters.standard
    total = coverage.get("district", coverage[levels[-1]])
    covered, households = float(total["covered_all"].sum()), float(total["households"].sum())
    minutes = f"{parameters.minutes:g}"
    name = district.name_zh if lang == "zh" else district.name_en
    return {
        "lang": lang,
        "w": words(lang),
        "title": say(lang, "file.title", name=name, n=minutes),
        "question": say(lang, "legend.all", k=len(standard.categories), n=minutes),
        "headline": say(
            lang,
            "file.headline",
            share=percent(covered / households if households else math.nan),
            k=len(standard.categories),
            covered=f"{covered:,.0f}",
            households=f"{households:,.0f}",
        ),
        "basis": say(
            lang,
            "file.basis",
            profile=getattr(parameters.profile, lang),
            walker=walker_words(parameters.profile, lang),
            metres=f"{parameters.profile.metres(parameters.minutes):,.0f}",
            standard=getattr(standard, lang),
            version=standard.version,
            revision=district.revision,
            network=parameters.network,
        ),
        "level": say(lang, f"level.{levels[0]}"),
        "badges": [
            {"fill": fill, "ink": palettes.ink_on(fill)}
            for fill in map(palettes.badge_colour, range(len(standard.categories)))
        ],
    }


def _key(
    district: District, layers: Layers, coverage: Mapping[str, pd.DataFrame], shown: Level
) -> dict[str, Any]:
    """Return the legend of level `shown` and the sources of the data."""
    return {
        "classes": _legend(coverage[shown]),
        "blank": int(coverage[shown]["coverage_all"].isna().sum()),
        "squares": "building" in coverage,
        "synthetic": district.origin == Origin.SYNTHETIC,
        "drawn": bool((layers.grids["origin"] == Origin.DRAWN).any()),
        "estimated": bool((layers.buildings["households_source"] == "estimated").any()),
        "credits": district.credits,
        "ink": palettes.INK,
        "no_data": palettes.NO_DATA,
    }


def _legend(coverage: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the classes, most covered first: colour, edges in per cent, number of grids."""
    classes = classify(coverage["coverage_all"], edges=COVERAGE_EDGES)
    return [
        {
            "colour": colour,
            "from": round(COVERAGE_EDGES[position] * 100),
            "to": round(COVERAGE_EDGES[position + 1] * 100),
            "n": int((classes == position).sum()),
        }
        for position, colour in enumerate(palettes.COVERAGE)
    ][::-1]
