"""The folium map: one self-contained HTML file that can be sent by mail."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd
import shapely

from geo.errors import EmptyError
from geo.messages import percent
from geo.model.layers import District, Layers
from geo.model.standard import Profile, Standard
from geo.model.vocabulary import Level, Origin
from geo.routing.walking_time import Minutes
from geo.staffing.beats import Beats
from maps import palettes
from maps.assets import templates, vendor_dir
from maps.classify import COVERAGE_EDGES, classify
from maps.folium.beats import beat_key, beat_layers
from maps.folium.inline_assets import InlineMap, Raw, inline_leaflet, same_bytes
from maps.folium.layers import grid_layer, point_layer, square_layer, uncovered
from maps.words.catalogue import noted, say, words
from maps.words.glossary import Telling, entries, telling
from maps.words.threshold import judged_minutes, metres_words, own_words, span_words
from maps.words.walker import walker_title, walker_words

GRID_LIMIT: Final = 3_000
"""Grids of one level that a browser still draws smoothly as SVG."""

SQUARE_LIMIT: Final = 2_000
"""Uncovered buildings that are drawn; the file says how many there are."""

SIMPLIFY_M: Final = 5.0
"""Tolerance, metres, by which parents are simplified when the small grids are too many."""

NAMED: Final = 20
"""Service points that are not linked and that the file names; it counts all."""

_TERMS: Final = ("coverage", "all_covered", "gap", "unlinked", "synthetic", "beat")
"""Terms of the glossary that the legend of the file explains."""

_LEVELS: Final = (Level.SMALL, Level.MEDIUM, Level.LARGE)


def district_map(
    district: District,
    layers: Layers,
    coverage: Mapping[str, pd.DataFrame],
    *,
    standard: Standard,
    profile: Profile,
    minutes: Minutes,
    network: str,
    lang: str,
    paces: Mapping[float, float] = MappingProxyType({}),
    beats: Beats | None = None,
    protected: bool = False,
    unlinked: Mapping[str, Sequence[tuple[str, str]]] = MappingProxyType({}),
) -> str:
    """Return a district's coverage as one self-contained HTML file; same input, same bytes.

    It opens without a network. Above :data:`GRID_LIMIT` grids a level is left out, its parents are
    drawn simplified, and the file says so.

    Parameters
    ----------
    district, layers : District, Layers
        EPSG:4326.
    coverage : mapping of str to DataFrame
        Grid level -> coverage table (:func:`geo.accessibility.coverage.coverage_table`).
        ``district`` gives the headline (otherwise it is the sum of the largest level),
        ``building`` (a :func:`geo.accessibility.coverage.building_table`) the uncovered buildings.
    standard, profile, minutes, network
        What the coverage was measured by, and on which walk network; printed in the file.
    lang : {'zh', 'en'}
    paces : mapping of float to float
        Metres walked in 15 minutes -> share of households that would reach all then, printed
        below the headline.
    beats : Beats, optional
        One more view, beside those of the levels.
    protected : bool
        Whether small counts are protected; the file says so.
    unlinked : mapping of str to sequence of (str, str)
        Names of ``points`` and of lived-in ``buildings`` that meet no walkable way, with the
        reason.

    Raises
    ------
    EmptyError
        If there is no grid level with coverage.
    """
    levels = _drawn_levels(district, coverage)
    parameters = MapParameters(standard, profile, minutes, network, lang)
    chart = _empty_map(layers.grids)
    _add_grids(chart, layers.grids, coverage, levels, parameters, epsg=district.epsg)
    drawn = beats if beats is not None and 0 < len(beats.table) <= GRID_LIMIT else None
    if drawn is not None:
        beat_layers(drawn, layers.grids, lang=lang).add_to(chart)
    _add_points(chart, layers.service_points, parameters)
    without = _total(coverage, levels)["without_points"].iloc[0].split()
    notes = _without_points(without, parameters)
    notes += [_unlinked(of, places, lang) for of, places in unlinked.items() if places]
    notes += _left_out(coverage, levels, beats, lang=lang, protected=protected)
    notes += _add_squares(chart, coverage.get("building"), lang, without=without)
    folium.LayerControl(collapsed=False).add_to(chart)
    frame = {
        **_question(district, coverage, levels, parameters),
        "own": own_words(minutes, standard, lang, without=without),
        "paces": _paces(paces, lang),
        **_key(district, layers, coverage, levels[0], lang),
        "beats": None if drawn is None else beat_key(drawn, lang=lang),
        "terms": _terms(lang),
        "note": noted(district, lang),
        "notes": notes,
    }
    return _whole_file(chart, frame)


@dataclass(frozen=True, slots=True)
class MapParameters:
    """What the coverage was computed with, and the language of the map."""

    standard: Standard
    profile: Profile
    minutes: Minutes
    network: str
    lang: str


def _covered_levels(coverage: Mapping[str, pd.DataFrame]) -> list[Level]:
    """Return the levels with grids, smallest first."""
    return [level for level in _LEVELS if level in coverage and len(coverage[level])]


def _drawn_levels(district: District, coverage: Mapping[str, pd.DataFrame]) -> list[Level]:
    """Return the levels that a browser can draw, the largest always; raise if none has grids."""
    present = _covered_levels(coverage)
    if not present:
        raise EmptyError("drawing.no_grids", district=district.code)
    return [level for level in present if len(coverage[level]) <= GRID_LIMIT] or present[-1:]


def _left_out(
    coverage: Mapping[str, pd.DataFrame],
    levels: list[Level],
    beats: Beats | None,
    *,
    lang: str,
    protected: bool,
) -> list[str]:
    """Return the notes about counts that are protected, and grids and beats that are not drawn."""
    notes = [say(lang, "legend.protected")] if protected else []
    present = _covered_levels(coverage)
    if levels != present:
        notes.append(say(lang, "file.simplified", n=len(coverage[present[0]]), limit=GRID_LIMIT))
    if beats is not None and len(beats.table) > GRID_LIMIT:
        notes.append(say(lang, "file.beats_left_out", n=len(beats.table), limit=GRID_LIMIT))
    return notes


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
    for position, category in enumerate(parameters.standard.groups):
        of_category = points[points["category"] == category.id]
        if len(of_category):
            point_layer(of_category, category, position=position, lang=parameters.lang).add_to(
                chart
            )


def _total(coverage: Mapping[str, pd.DataFrame], levels: Sequence[str]) -> pd.DataFrame:
    """Return the rows that sum to the district: its own, or those of the largest level."""
    return coverage.get("district", coverage[levels[-1]])


def _without_points(without: Collection[str], parameters: MapParameters) -> list[str]:
    """Return a line that names the categories of which the data has no point, if there are any."""
    if not without:
        return []
    lang = parameters.lang
    missing = [getattr(c, lang) for c in parameters.standard.categories if c.id in without]
    return [say(lang, "without.points", categories=words(lang)["without.comma"].join(missing))]


_UNLINKED: Final = {"points": "unlinked_points.named", "buildings": "unlinked_buildings.named"}


def _unlinked(of: str, places: Sequence[tuple[str, str]], lang: str) -> str:
    """Return a line that names the first points or buildings that are not linked."""
    each = [
        say(lang, "unlinked_points.one", name=name, why=say(lang, f"unlinked_points.{why}"))
        for name, why in places[:NAMED]
    ]
    listed = words(lang)["without.comma"].join(each)
    return say(lang, _UNLINKED[of], n=len(places), **{of: listed})


def _add_squares(
    chart: InlineMap, buildings: pd.DataFrame | None, lang: str, *, without: Collection[str]
) -> list[str]:
    """Add the uncovered buildings; return the notes about those that are not drawn."""
    if buildings is None:
        return []
    lacking = uncovered(buildings, without=without)
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
    total = _total(coverage, levels)
    k = int(total["judged"].iloc[0])
    whole = k == len(standard.categories)
    covered, households = float(total["covered_all"].sum()), float(total["households"].sum())
    without = total["without_points"].iloc[0].split()
    near = judged_minutes(parameters.minutes, standard, without=without)
    minutes = span_words(near)
    name = district.name_zh if lang == "zh" else district.name_en
    return {
        "lang": lang,
        "w": words(lang),
        "title": say(lang, "file.title", name=name, n=minutes),
        "question": say(lang, "legend.all" if whole else "legend.judged", k=k, n=minutes),
        "headline": say(
            lang,
            "file.headline_all" if whole else "file.headline_judged",
            share=percent(covered / households if households and k else math.nan, lang),
            k=k,
            covered=f"{covered:,.0f}",
            households=f"{households:,.0f}",
        ),
        "basis": say(
            lang,
            "file.basis",
            profile=walker_title(parameters.profile, lang),
            walker=walker_words(parameters.profile, lang),
            metres=metres_words(near, parameters.profile),
            standard=getattr(standard, lang),
            version=standard.version,
            revision=district.revision,
            network=parameters.network,
        ),
        "level": say(lang, f"level.{levels[0]}"),
        "badges": [
            {"fill": fill, "ink": palettes.ink_on(fill)}
            for fill in (
                *map(palettes.badge_colour, range(len(standard.categories))),
                *[palettes.BESIDE] * len(standard.beside),
            )
        ],
    }


def _paces(paces: Mapping[float, float], lang: str) -> str:
    """Return the line of the shares by metres in 15 minutes; empty where there are none."""
    each = [
        say(lang, "paces.each", metres=f"{metres:,.0f}", share=percent(share, lang))
        for metres, share in paces.items()
    ]
    return say(lang, "paces.line", each=say(lang, "walker.separator").join(each)) if each else ""


def _key(
    district: District,
    layers: Layers,
    coverage: Mapping[str, pd.DataFrame],
    shown: Level,
    lang: str,
) -> dict[str, Any]:
    """Return the legend of level `shown` and the sources of the data."""
    return {
        "classes": _legend(coverage[shown], lang),
        "blank": int(coverage[shown]["coverage_all"].isna().sum()),
        "squares": "building" in coverage,
        "synthetic": district.origin == Origin.SYNTHETIC,
        "drawn": bool((layers.grids["origin"] == Origin.DRAWN).any()),
        "estimated": bool((layers.buildings["households_source"] == "estimated").any()),
        "credits": district.credits,
        "ink": palettes.INK,
        "no_data": palettes.NO_DATA,
    }


def _legend(coverage: pd.DataFrame, lang: str) -> list[dict[str, Any]]:
    """Return the classes, most covered first: colour, range in words, number of grids."""
    classes = classify(coverage["coverage_all"], edges=COVERAGE_EDGES)
    return [
        {
            "colour": colour,
            "range": _range(COVERAGE_EDGES[position], COVERAGE_EDGES[position + 1], lang),
            "n": int((classes == position).sum()),
        }
        for position, colour in enumerate(palettes.COVERAGE)
    ][::-1]


def _range(low: float, high: float, lang: str) -> str:
    edges = {"from": f"{low * 100:.0f}", "to": f"{high * 100:.0f}"}
    return say(lang, "legend.range_percent", **edges)


def _terms(lang: str) -> list[Telling]:
    """Return the entries of the glossary that the legend explains."""
    return [telling(each, lang) for each in entries() if each.id in _TERMS]
