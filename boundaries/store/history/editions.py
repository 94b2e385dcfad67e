"""Editions of a grid plan: the grids of one revision under a name, drafted and then published."""

import json
import re
from datetime import date
from hashlib import sha256
from typing import Any, Final

import geopandas as gpd
import shapely
import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.history.change_log import now
from boundaries.store.rows.backend import Backend
from boundaries.store.rows.read import district_row, layer_frame
from boundaries.store.tables import record_tables
from boundaries.store.tables.record_tables import EditionState
from boundaries.store.tables.records import Commit, Edition
from geo.errors import ConflictError, EmptyError, InputError, NotFoundError
from geo.messages import Message
from geo.model.keys import is_hidden_in
from geo.model.layer_columns import COLUMNS

_NAME: Final = re.compile(r"[^\x00-\x1f\x7f/\\?#]{1,100}")
_TABLE: Final = record_tables.editions


def plan_digest(grids: gpd.GeoDataFrame) -> str:
    """Return the SHA-256 of grids: codes, levels, parents, names, origins and geometry."""
    digest = sha256()
    table = grids.sort_values("code")
    rows = zip(*(table[name].tolist() for name in COLUMNS["grids"]), strict=True)
    shapes = shapely.to_wkb(table.geometry.to_numpy(), byte_order=1, output_dimension=2)
    for row, shape in zip(rows, shapes, strict=True):
        digest.update(json.dumps(row, ensure_ascii=False).encode())
        digest.update(shape)
    return digest.hexdigest()


def read_editions(connection: Connection, code: str) -> list[Edition]:
    """Return the editions of a district, by their date and name."""
    query = sa.select(_TABLE).where(_TABLE.c.district == code)
    rows = connection.execute(query.order_by(_TABLE.c.dated, _TABLE.c.name))
    return [
        Edition(
            row.name, EditionState(row.state), row.revision, row.dated, row.at, row.actor,
            row.note, row.sha256,
        )
        for row in rows
    ]  # fmt: skip


def find_edition(connection: Connection, code: str, name: str) -> Edition:
    """Return one edition; raise `NotFoundError` naming those there are."""
    editions = read_editions(connection, code)
    for edition in editions:
        if edition.name == name:
            return edition
    known = [edition.name for edition in editions] or Message("stored_editions.none")
    raise NotFoundError("stored_editions.unknown", name=name, code=code, known=known)


def save_draft(
    base: Backend,
    connection: Connection,
    code: str,
    name: str,
    *,
    dated: date,
    note: str,
    commit: Commit,
) -> Edition:
    """Save the current grids as a draft.

    It raises as :meth:`boundaries.store.interface.Store.save_edition`.
    """
    if not _NAME.fullmatch(name) or name != name.strip() or is_hidden_in(name):
        raise InputError("stored_editions.bad_name", name=name[:100])
    row = district_row(base, connection, code)
    grids = layer_frame(base, connection, "grids", code)
    if grids.empty:
        raise EmptyError("stored_editions.no_grids", code=code, name=name)
    existing = {edition.name: edition for edition in read_editions(connection, code)}
    if name in existing:
        _require_draft(code, existing[name])
    values = {
        "state": str(EditionState.DRAFT),
        "revision": row["revision"],
        "dated": dated,
        "at": now(),
        "actor": commit.actor,
        "note": note,
        "sha256": plan_digest(grids),
    }
    _write(connection, code, name, values, is_new=name not in existing)
    base.settle(connection, [_TABLE.name])
    return find_edition(connection, code, name)


def publish(
    base: Backend, connection: Connection, code: str, name: str, *, commit: Commit
) -> Edition:
    """Publish a draft; raises as :meth:`boundaries.store.interface.Store.publish_edition`."""
    district_row(base, connection, code)
    draft = find_edition(connection, code, name)
    _require_draft(code, draft)
    edition_grids(base, connection, code, draft)
    values = {"state": str(EditionState.PUBLISHED), "at": now(), "actor": commit.actor}
    _write(connection, code, name, values, is_new=False)
    base.settle(connection, [_TABLE.name])
    return find_edition(connection, code, name)


def edition_grids(
    base: Backend, connection: Connection, code: str, edition: Edition
) -> gpd.GeoDataFrame:
    """Return the grids of an edition (EPSG:4326), as of its revision.

    Raises
    ------
    ConflictError
        If they are not those that were saved: somebody changed the past.
    """
    grids = layer_frame(base, connection, "grids", code, as_of=edition.revision)
    digest = plan_digest(grids)
    if digest != edition.sha256:
        raise ConflictError(
            "stored_editions.grids_changed",
            name=edition.name,
            code=code,
            got=digest[:12],
            wanted=edition.sha256[:12],
        )
    return grids


def _require_draft(code: str, edition: Edition) -> None:
    if edition.state == EditionState.PUBLISHED:
        raise ConflictError("stored_editions.published", name=edition.name, code=code)


def _write(
    connection: Connection, code: str, name: str, values: dict[str, Any], *, is_new: bool
) -> None:
    if is_new:
        connection.execute(sa.insert(_TABLE), {"district": code, "name": name, **values})
        return
    is_edition = (_TABLE.c.district == code) & (_TABLE.c.name == name)
    connection.execute(sa.update(_TABLE).where(is_edition).values(values))
