"""What a file of one layer changes in a district that is stored."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from boundaries.import_report import ImportReport, LayerReport
from boundaries.imports.kept_columns import note_gains, with_kept_columns
from boundaries.imports.losses import check_losses
from boundaries.imports.merge_with_stored import (
    added,
    note_strays,
    staffed_by_file,
    without_stale_note,
)
from boundaries.imports.optimistic_update import Before, PendingUpdate
from boundaries.imports.own_streets import gates_on, tell_islands, with_streets, without_own_streets
from boundaries.imports.same_streets import settled
from boundaries.readers.vector import read_grids_with_posts, read_layer
from boundaries.store.interface import Store
from boundaries.store.rows.validate import checked_district, checked_layer, checked_layers
from boundaries.store.tables.records import Commit
from geo.crs import metric_epsg
from geo.messages import Message
from geo.model.layers import District, Layers, conform_layer
from geo.model.vocabulary import Origin
from geo.staffing.posts import OF_POST, with_known_posts


@dataclass(frozen=True, slots=True)
class Load:
    """A file, and how it is to be loaded.

    Attributes
    ----------
    path : Path
    reading : dict
        What the user says of the file.
    add, accept_losses : bool
    """

    path: Path
    reading: dict[str, Any]
    add: bool
    accept_losses: bool


def layer_change(
    how: Load,
    layer: str,
    before: tuple[District, Layers],
    *,
    read: Callable[..., tuple[gpd.GeoDataFrame, LayerReport]],
    commit_for: Callable[[ImportReport], Commit],
) -> PendingUpdate:
    """Return the update of a layer of a stored district by the rows of a file."""
    district, layers = before
    frame, account = read(district=district)
    report = ImportReport(how.path.name, {layer: account})
    rows = _rows_after(how, layer, layers, frame, account)
    return rows_change(before, layer, rows, report=report, commit=commit_for(report))


def _rows_after(
    how: Load, layer: str, layers: Layers, frame: gpd.GeoDataFrame, account: LayerReport
) -> gpd.GeoDataFrame:
    """Return a layer as it would be after the rows of a file; `account` is told what changes."""
    existing = getattr(layers, layer)
    known = frame
    frame = with_kept_columns(layer, frame, existing, account)
    if how.add:
        frame = added(layer, existing, frame)
        account.note(Message("imports.rows_in_layer"), len(frame))
    else:
        account.note(Message("imports.rows_replaced"), len(existing))
    check_losses(
        account,
        source=how.path.name,
        before=len(existing),
        after=len(frame),
        accepted=how.accept_losses,
    )
    if layer == "workers":
        posts = pd.concat([known, existing], ignore_index=True)  # the file's word comes first
        bare = frame.drop(columns=[*OF_POST])
        frame = conform_layer("workers", with_known_posts(bare, posts))
    if layer == "entrances":
        note_strays(frame, layers, account)
    note_gains(layer, existing, frame, account)
    return checked_layer(layer, frame)


def streets_change(
    how: Load,
    before: tuple[District, Layers],
    *,
    commit_for: Callable[[ImportReport], Commit],
) -> PendingUpdate:
    """Return the update of the walk network by streets of the district's own."""
    district, layers = before
    frame, account = read_layer(
        how.path, "walk_edges", district=district, known=layers, **how.reading
    )
    report = ImportReport(how.path.name, {"walk_edges": account})
    rest, own = without_own_streets(layers)
    if how.add:
        rest = layers
    else:
        account.note(Message("imports.rows_replaced"), len(own.lines))
    lines = gates_on(frame, district, rest)
    after = settled(with_streets(rest, lines, district, account), layers)
    check_losses(
        account,
        source=how.path.name,
        before=len(own.lines),
        after=len(without_own_streets(after)[1].lines),
        accepted=how.accept_losses,
    )
    tell_islands(after, district, account)
    checked_layers(after)
    write = whole(district, after, before, commit=commit_for(report))
    return PendingUpdate(report, write, "walk_edges")


class GridsUpdate(NamedTuple):
    """An update of the grids, and the layer as it would be."""

    update: PendingUpdate
    grids: gpd.GeoDataFrame

    @property
    def report(self) -> ImportReport:
        """Return what the file brings."""
        return self.update.report


def grids_change(
    how: Load,
    before: tuple[District, Layers],
    *,
    commit_for: Callable[[ImportReport], Commit],
) -> GridsUpdate:
    """Return the update of the grids, and of who looks after them where the file says it."""
    district, layers = before
    frame, posts, account = read_grids_with_posts(
        how.path, district=district, known=layers, **how.reading
    )
    report = ImportReport(how.path.name, {"grids": account})
    grids = _rows_after(how, "grids", layers, frame, account)
    change = rows_change(before, "grids", grids, report=report, commit=commit_for(report))
    if posts is None:
        return GridsUpdate(change, grids)
    workers = staffed_by_file(posts, layers.workers, grids, frame["code"], report)
    new = replace(layers, grids=grids, workers=checked_layer("workers", workers))
    write = whole(district, new, before, commit=commit_for(report))
    return GridsUpdate(replace(change, write=write), grids)


def boundary_change(
    how: Load,
    code: str,
    before: Before,
    *,
    names: tuple[str | None, str | None],
    commit_for: Callable[[ImportReport], Commit],
) -> PendingUpdate:
    """Return the update of a boundary; it creates the district if there is none."""
    known = before[0] if before else None
    frame, account = read_layer(how.path, "boundary", district=known, **how.reading)
    report = ImportReport(how.path.name, {"boundary": account})
    commit = commit_for(report)
    if known is None:
        district = checked_district(_new_district(code, frame, names))
        write = whole(district, Layers(), None, commit=commit)
        return PendingUpdate(report, write, "boundary")
    outline = checked_district(replace(known, boundary=frame.geometry.iloc[0])).boundary
    return PendingUpdate(
        report,
        lambda store: store.set_boundary(code, outline, commit=commit),
        "boundary",
    )


def _new_district(
    code: str, frame: gpd.GeoDataFrame, names: tuple[str | None, str | None]
) -> District:
    """Return a district without content that measures around its middle."""
    row, outline = frame.iloc[0], frame.geometry.iloc[0]
    zh = names[0] or row["name_zh"] or names[1] or row["name_en"] or code
    en = names[1] or row["name_en"] or names[0] or row["name_zh"] or code
    epsg = metric_epsg(outline.centroid.x, outline.centroid.y)
    return District(code, str(zh), str(en), epsg, outline, Origin.GIVEN)


def rows_change(
    before: tuple[District, Layers],
    layer: str,
    frame: gpd.GeoDataFrame,
    *,
    commit: Commit,
    report: ImportReport,
) -> PendingUpdate:
    """Return the change of one layer, and of the note that its rows make untrue."""
    district, layers = before
    updated = without_stale_note(district, frame) if layer == "buildings" else district
    if updated != district:
        changed = replace(layers, **{layer: frame})
        return PendingUpdate(report, whole(updated, changed, before, commit=commit), layer)

    def write(store: Store) -> int:
        return store.replace_layer(
            district.code, layer, frame, commit=commit, based_on=district.revision
        )

    return PendingUpdate(report, write, layer)


def whole(
    district: District, layers: Layers, before: Before, *, commit: Commit
) -> Callable[[Store], int]:
    """Return how a whole district is written in place of `before`."""
    based_on = before[0].revision if before else 0
    return lambda store: store.replace(district, layers, commit=commit, based_on=based_on)
