"""Merge an import with the stored district: given and counted values win over derived ones."""

from dataclasses import replace
from typing import Final

import geopandas as gpd
import pandas as pd

from boundaries.import_report import ImportReport, LayerReport
from boundaries.standards.household_estimate import renewed_estimated_note, without_estimated_note
from geo.crs import STORED_EPSG, project_geometry, to_metric
from geo.messages import Message
from geo.model.layer_columns import KEYS
from geo.model.layers import District, Layers, conform_layer
from geo.model.vocabulary import Level, Origin
from geo.partition.street_blocks import draw_grids
from geo.staffing.posts import with_known_posts

_OF_EXTRACT: Final = {
    "entrances": r"node/\d+|.*/outline/\d+$",
    "open_grounds": r"(?:way|relation)/\d+$",
}
"""Identifiers of rows that an extract brought, by layer."""


def joined_district(district: District, before: District) -> District:
    """Return `district` with the credits, notes and labels of the stored parts that are kept."""
    thanks = dict.fromkeys([*before.credits, *district.credits])
    told_zh = before.note_zh or district.note_zh
    chinese = [version.note_zh or version.note for version in (before, district)]
    synthetic = before.origin == Origin.SYNTHETIC
    return replace(
        district,
        credits=tuple(thanks),
        note=_together(before.note, district.note, between=" "),
        note_zh=_together(*chinese, between="") if told_zh else "",
        origin=before.origin if synthetic else district.origin,
        settings=before.settings,
    )


def _together(old: str, new: str, *, between: str) -> str:
    """Return both notes, each sentence once."""
    old = renewed_estimated_note(old)
    return old if new in old else between.join(note for note in (old, new) if note)


def note_strays(entrances: gpd.GeoDataFrame, layers: Layers, account: LayerReport) -> None:
    """Note the entrances of buildings and service points that are not stored; they do not count."""
    for column, places in (
        ("building_id", layers.buildings),
        ("point_id", layers.service_points),
    ):
        into = entrances[column].dropna()
        stray = into[~into.isin(places[column])]
        if len(stray):
            told = {"column": column, "first": str(stray.iloc[0])}
            account.note(Message("imports.entrance_of_unknown", told), len(stray))


def joined_layers(layers: Layers, before: Layers, report: ImportReport) -> Layers:
    """Return `layers` of an extract with what is known better than from OpenStreetMap.

    Given and synthetic grids stay with their workers, counted and synthetic buildings stay, given
    service points, entrances and open grounds stay beside the new ones; `report` counts them.
    """
    layers = replace(layers, organisations=before.organisations)  # OpenStreetMap has none
    given = before.grids["origin"].isin([Origin.GIVEN, Origin.SYNTHETIC])
    if given.any():
        layers = replace(layers, grids=before.grids, workers=before.workers)
        report.layer("grids").note(Message("imports.kept"), len(before.grids))
    if before.buildings["households_source"].isin(["counted", "synthetic"]).any():
        layers = replace(layers, buildings=before.buildings)
        report.layer("buildings").note(Message("imports.kept"), len(before.buildings))
    points = before.service_points
    kept = points[points["origin"] == Origin.GIVEN]
    if len(kept):
        joined = added("service_points", layers.service_points, kept)
        layers = replace(layers, service_points=joined)
        report.layer("service_points").note(Message("imports.given_kept"), len(kept))
    entrances = before.entrances
    ours = _of_extract(before, "entrances")
    into = [layers.buildings["building_id"], layers.service_points["point_id"]]
    leads = entrances["building_id"].isin(into[0]) | entrances["point_id"].isin(into[1])
    if (~ours & leads).any():
        kept = entrances[~ours & leads]
        layers = replace(layers, entrances=added("entrances", layers.entrances, kept))
        report.layer("entrances").note(Message("imports.given_kept"), len(kept))
    own = before.open_grounds[~_of_extract(before, "open_grounds")]
    if len(own):
        layers = replace(layers, open_grounds=added("open_grounds", layers.open_grounds, own))
        report.layer("open_grounds").note(Message("imports.given_kept"), len(own))
    return layers


def _of_extract(layers: Layers, layer: str) -> pd.Series:
    """Return which rows of a layer an extract brought."""
    keys: pd.Series = getattr(layers, layer)[KEYS[layer]]
    return keys.str.match(_OF_EXTRACT[layer])


def added(name: str, frame: gpd.GeoDataFrame, more: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return layer `name` with the rows of `more` added; the same key takes the new row."""
    key = KEYS[name]
    rest = frame[~frame[key].isin(more[key])]
    return conform_layer(name, pd.concat([rest, more], ignore_index=True))


def staffed_by_file(
    posts: pd.DataFrame,
    workers: pd.DataFrame,
    grids: gpd.GeoDataFrame,
    of_file: pd.Series,
    report: ImportReport,
) -> pd.DataFrame:
    """Return the layer ``workers`` after a file of grids that names posts.

    Parameters
    ----------
    posts, workers : DataFrame
        Layer ``workers`` as the file and as the store has it.
    grids : GeoDataFrame
        Layer ``grids`` as it is to be.
    of_file : Series of str
        Codes of the grids of the file; others keep their workers.
    report : ImportReport
    """
    small = grids.loc[grids["level"] == Level.SMALL, "code"]
    stays = workers["grid_code"].isin(small) & ~workers["grid_code"].isin(of_file)
    both = pd.concat([workers[stays], with_known_posts(posts, workers)], ignore_index=True)
    report.layer("grids").note(Message("imports.posts_of_file"), posts["worker_code"].nunique())
    staffed: pd.DataFrame = conform_layer("workers", both)
    return staffed


def without_stale_note(district: District, buildings: gpd.GeoDataFrame) -> District:
    """Return `district` without the note on estimated households once none are estimated."""
    if (buildings["households_source"] == "estimated").any():
        return district
    return replace(
        district,
        note=without_estimated_note(district.note),
        note_zh=without_estimated_note(district.note_zh),
    )


def drawn_grids(district: District, layers: Layers) -> gpd.GeoDataFrame:
    """Return grids drawn from the street blocks of a district, EPSG:4326, origin `drawn`."""
    boundary = project_geometry(district.boundary, STORED_EPSG, district.epsg)
    edges = to_metric(layers.walk_edges, district.epsg)
    buildings = to_metric(layers.buildings, district.epsg)
    grids = draw_grids(boundary, edges, code=district.code, buildings=buildings)
    return conform_layer("grids", grids.to_crs(STORED_EPSG))
