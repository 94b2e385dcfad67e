"""Import files into a store: read, validate, merge with stored rows, commit once, report."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pyproj
from shapely.geometry.base import BaseGeometry

from boundaries.import_report import ImportReport
from boundaries.imports.household_counts import households_change
from boundaries.imports.layer_changes import (
    Load,
    boundary_change,
    grids_change,
    layer_change,
    streets_change,
    whole,
)
from boundaries.imports.merge_with_stored import (
    drawn_grids,
    joined_district,
    joined_layers,
    without_stale_note,
)
from boundaries.imports.optimistic_update import (
    UNCHANGED,
    Before,
    Database,
    Imported,
    PendingUpdate,
    Progress,
    carry_out,
    opened,
    silent,
)
from boundaries.imports.own_streets import with_kept_streets
from boundaries.imports.plan_check import check_new_plan
from boundaries.imports.remembered_columns import remembered_columns
from boundaries.layer_names import LAYER_NAMES
from boundaries.readers.aliases import HOUSEHOLDS
from boundaries.readers.osm import read_osm
from boundaries.readers.places.local_crs import own_crs
from boundaries.readers.vector import read_layer
from boundaries.standards.catalogue import load_standard
from boundaries.store.rows.validate import checked_layers
from boundaries.store.tables.records import ANONYMOUS, Commit, PlanGate
from geo.errors import ConflictError, NotFoundError
from geo.messages import Message
from geo.model.layers import District, Layers
from geo.model.standard import Standard


def load_layer(
    database: Database,
    code: str,
    layer: str,
    path: str | Path,
    *,
    crs: str | int | pyproj.CRS | None = None,
    name_zh: str | None = None,
    name_en: str | None = None,
    standard: Standard | None = None,
    encoding: str | None = None,
    part: str | None = None,
    columns: Mapping[str, str] | None = None,
    add: bool = False,
    faulty: bool = False,
    accept_losses: bool = False,
    dry_run: bool = False,
    commit: Commit = ANONYMOUS,
    progress: Progress = silent,
) -> Imported:
    """Load a file as one layer of a district, replacing the stored layer.

    Loading the same file again changes nothing and makes no revision. New grids take away the
    workers of grids that are gone; the report names them. A file of grids that names posts, as an
    exported plan does, brings them; what is known of a post stays with its code. A boundary of a
    code that is not stored makes the district. Counted buildings end the note that households are
    estimated.

    Parameters
    ----------
    database : Store, str or Path
        A path need not exist yet; a file is made only when something is written.
    code, layer : str
        Of the district; ``boundary``, ``grids``, ``buildings``, ``service_points``,
        ``open_grounds``, ``walk_edges``, ``entrances``, ``organisations``, ``workers``, or
        ``households``, a table that counts those of stored buildings. Streets
        are connected with those of OpenStreetMap, which stay.
    path, crs, encoding, part, columns, standard
        As for :func:`boundaries.readers.vector.read_layer`; without `columns` those that the same
        actor told with an earlier import of the layer count where the file has them.
    name_zh, name_en : str, optional
        Names of a new district; otherwise those of the file, else the code.
    add, dry_run : bool, default False
        Keep the rows that are there, the same key takes the new row (not for a boundary); read and
        check, but store nothing.
    faulty : bool, default False
        Store grids that overlap or leave gaps all the same; the report and the log name them.
    accept_losses : bool, default False
        Store all the same where more than 5 % of the rows are rejected, codes have lost digits, or
        the layer would have less than half its rows.
    commit : Commit
        Who does it, and as of when; the import fills in the rest.
    progress : callable, optional
        Called with the share done, 0..1, and the next step.

    Raises
    ------
    NotFoundError, InputError, EmptyError
        If there is no such file, or no such district and the layer is no boundary; if the file
        cannot be used. The store is unchanged.
    ConflictError
        If grids would newly overlap or leave gaps; if much would be lost; if the
        district is changed again and again
        meanwhile, or stays locked.
    """
    path, names = Path(path), (name_zh, name_en)
    reading = {"crs": crs, "encoding": encoding, "part": part, "columns": columns}
    if not columns:
        before = remembered_columns(opened(database), code, layer, commit.actor)
        reading |= {"columns": before, "remembered": bool(before)}
    asked = Load(path, reading, add=add, accept_losses=accept_losses)
    commit_for = partial(_import_commit, commit, sha256=_sha256(path))

    def work(before: Before) -> PendingUpdate:
        district = before[0] if before else None
        how = replace(asked, reading=asked.reading | {"crs": own_crs(crs, district)})
        if layer == "boundary":
            return boundary_change(how, code, before, names=names, commit_for=commit_for)
        if before is None:
            raise _no_district(database, code, layer)
        if layer == "grids":
            change = grids_change(how, before, commit_for=commit_for)
            account = change.report.layer("grids")
            check_new_plan(before[0], before[1].grids, change.grids, account, faulty=faulty)
            return change.update
        if layer == "walk_edges":
            return streets_change(how, before, commit_for=commit_for)
        if layer == HOUSEHOLDS:
            return households_change(how, before, commit_for=commit_for)
        read = partial(read_layer, path, layer, **how.reading, standard=standard, known=before[1])
        return layer_change(how, layer, before, read=read, commit_for=commit_for)

    outcome = carry_out(database, code, work, dry_run=dry_run, progress=progress)
    if UNCHANGED in outcome.report.layer(layer).notes and commit.valid_from is not None:
        _check_day(database, code, commit.valid_from, _sha256(path))
    return outcome


def _check_day(database: Database, code: str, day: date, sha256: str) -> None:
    """Raise if a file that is stored already was to be so as of another day."""
    store = opened(database)
    if store is None:
        return
    for record in store.imports(code):
        if record.sha256 == sha256 and record.undone is None:
            made = record.revision
            stored = store.changes(code, after=made - 1, before=made + 1)[0].valid_from
            if stored != day:
                said = {"day": str(day), "stored": str(stored), "revision": made}
                raise ConflictError("imports.day_stays", **said)


def load_osm(
    database: Database,
    code: str,
    path: str | Path,
    *,
    name_zh: str | None = None,
    name_en: str | None = None,
    boundary: str | Path | None = None,
    standard: Standard | None = None,
    dry_run: bool = False,
    commit: Commit = ANONYMOUS,
    progress: Progress = silent,
) -> Imported:
    """Load an OpenStreetMap extract as a new district, or into one that is there.

    What is already known better than from OpenStreetMap stays: the boundary unless `boundary` is
    given, names, given grids and their workers, counted buildings, given service points, streets of
    the district's own. Grids that nobody gave are drawn from street blocks.

    Parameters
    ----------
    database, code, dry_run, commit, progress
        As for :func:`load_layer`.
    path : str or Path
        ``.osm.pbf``, ``.osm`` or ``.osm.gz``.
    name_zh, name_en : str, optional
        Otherwise those that are stored; one stands for the other, and the code for both.
    boundary : str or Path, optional
        File with the outline; otherwise the one that is stored, else the extract's own.
    standard : Standard, optional
        Whose categories count; the default standard if omitted.

    Raises
    ------
    NotFoundError, InputError, EmptyError, ConflictError
        As :func:`boundaries.readers.osm.read_osm` and :func:`load_layer`; the store is unchanged.
    """
    path = Path(path)
    commit_for = partial(_import_commit, commit, sha256=_sha256(path))
    measure, outline = standard or load_standard(), _outline(boundary)

    def work(before: Before) -> PendingUpdate:
        known = before[0] if before else None
        district, layers, report = read_osm(
            path,
            code=code,
            standard=measure,
            name_zh=name_zh or (known.name_zh if known else None),
            name_en=name_en or (known.name_en if known else None),
            boundary=outline or (known.boundary if known else None),
        )
        if before is not None:
            layers = joined_layers(layers, before[1], report)
            layers = with_kept_streets(layers, before[1], district, report)
            district = without_stale_note(joined_district(district, before[0]), layers.buildings)
        layers = _with_grids(district, layers, report)
        if dry_run:
            checked_layers(layers)
        return PendingUpdate(report, whole(district, layers, before, commit=commit_for(report)))

    return carry_out(database, code, work, dry_run=dry_run, progress=progress)


def _with_grids(district: District, layers: Layers, report: ImportReport) -> Layers:
    """Return the layers, with grids drawn from street blocks where there are none."""
    if not layers.grids.empty:
        return layers
    grids = drawn_grids(district, layers)
    report.layer("grids").note(Message("imports.drawn_from_blocks"), len(grids))
    return replace(layers, grids=grids)


def _import_commit(commit: Commit, report: ImportReport, sha256: str) -> Commit:
    """Return `commit` completed for the log: files, report, checksum."""
    layers = [LAYER_NAMES[layer] for layer in report.layers]
    said = {"layers": layers, "source": report.source}
    what = Message("imports.import_of", said)
    return replace(
        commit, what=what, report=report, sha256=sha256, gate=commit.gate or PlanGate.TELL
    )


def _no_district(database: Database, code: str, layer: str) -> NotFoundError:
    store = opened(database)
    codes = [district.code for district in store.districts()] if store else []
    known = codes or Message("imports.none")
    return NotFoundError("imports.no_district", code=code, known=known, layer=layer)


def _outline(path: str | Path | None) -> BaseGeometry | None:
    if path is None:
        return None
    outline: BaseGeometry = read_layer(path, "boundary", district=None)[0].geometry.iloc[0]
    return outline


def _sha256(path: Path) -> str:
    """Return the digest of a file; of a shapefile, of its main file; of a folder, of all in it."""
    if path.is_dir():
        whole = hashlib.sha256()
        for part in sorted(each for each in path.iterdir() if each.is_file()):
            whole.update(f"{part.name} {_sha256(part)}\n".encode())
        return whole.hexdigest()
    if not path.is_file():
        raise NotFoundError("files.not_there", path=path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
