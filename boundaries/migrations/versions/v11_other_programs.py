"""Tables for other programs: kinds of geometry that QGIS knows, defaults for what is left empty.

Grids and districts are multipolygons, so that QGIS offers one kind of layer.
A single polygon becomes a collection of one, in the past as well. The hash of an edition is of
single polygons from now on, so it is written anew where it was that of the grids as they were.
"""

import json
import re
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import is_postgresql

revision = "0011"
down_revision = "0010"

_PROMOTED = ("districts", "grids", "past_districts", "past_grids")
_MIXED = {
    "buildings": "POINT|POLYGON|MULTIPOLYGON",
    "barriers": "LINESTRING|MULTILINESTRING|POLYGON|MULTIPOLYGON",
}
_LAYERS = ("grids", "buildings", "service_points", "walk_edges", "barriers", "gates", "workers",
           "organisations")  # fmt: skip
_DEFAULTS = {
    "grids": {"name_zh": "''", "name_en": "''", "origin": "'given'"},
    "buildings": {
        "name": "''", "use": "'residential'", "residents": "0", "residents_60plus": "0",
        "levels": "0", "households_source": "'counted'",
    },
    "service_points": {"name": "''", "sub": "''", "origin": "'given'"},
    "barriers": {"name": "''"},
    "gates": {"name": "''", "node": "0"},
    "organisations": {"name": "''"},
}  # fmt: skip
"""What a new row is where nobody says, of columns that had no default."""

_DEFAULT = r"( DEFAULT (?:\([^)]*\)|'[^']*'|[^\s,]+) NOT NULL)(?! ON CONFLICT)"
_GRID = ("code", "level", "parent_code", "name_zh", "name_en", "origin")
_ONE = b"\x01\x06\x00\x00\x00\x01\x00\x00\x00"
"""How the well-known binary of a collection of one polygon begins; the polygon follows."""

_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


def upgrade() -> None:
    """Turn the polygons, and name the kinds."""
    digests = _digests()
    if is_postgresql():
        _on_a_server()
    else:
        _in_a_file()
    for fid, digest in digests.items():
        editions = sa.table("editions", sa.column("fid"), sa.column("sha256"))
        op.execute(sa.update(editions).where(editions.c.fid == fid).values(sha256=digest))


def _on_a_server() -> None:
    for table in (*_PROMOTED, *_MIXED):
        op.execute(
            f"UPDATE {table} SET geom = ST_CurveToLine(geom, 1e-7, 1, 1) WHERE ST_HasArc(geom)"  # noqa: S608
        )
    for table in _PROMOTED:
        op.execute(
            f"UPDATE {table} SET geom = ST_Multi(geom) WHERE GeometryType(geom) = 'POLYGON'"  # noqa: S608
        )
        _check(table, "= 'MULTIPOLYGON'")
    for table, kinds in _MIXED.items():
        _check(table, f"~ '^({kinds})$'")

    for table, defaults in _DEFAULTS.items():
        for column, default in defaults.items():
            op.alter_column(table, column, server_default=sa.text(default))


def _check(table: str, wanted: str) -> None:
    """Add the constraint; rows of another program that break it stay and are named when read."""
    holds = f"geometrytype(geom) {wanted}"
    broken = op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} WHERE NOT ({holds}) LIMIT 1"))  # noqa: S608
    named = op.f(f"ck_{table}_geometry")
    op.create_check_constraint(named, table, holds, postgresql_not_valid=broken.first() is not None)


def _in_a_file() -> None:
    run = op.get_bind().exec_driver_sql
    for table in _PROMOTED:
        for fid, blob in run(f"SELECT fid, geom FROM {table}").fetchall():  # noqa: S608
            promoted = _promoted(blob)
            if promoted != blob:
                run(f"UPDATE {table} SET geom = ? WHERE fid = ?", (promoted, fid))  # noqa: S608
    run("PRAGMA writable_schema = ON")  # as SQLite advises where what is stored stays as it is
    for table in {*_PROMOTED, *_LAYERS}:
        named = "type = 'table' AND name = ?"
        made = run(f"SELECT sql FROM sqlite_master WHERE {named}", (table,)).scalar_one()  # noqa: S608
        run(f"UPDATE sqlite_master SET sql = ? WHERE {named}", (_rewritten(table, made), table))  # noqa: S608
    version = run("PRAGMA schema_version").scalar_one() + 1
    run(f"PRAGMA schema_version = {version}")
    run("PRAGMA writable_schema = RESET")  # reads the statements again
    if sa.inspect(op.get_bind()).has_table("gpkg_geometry_columns"):
        _name_kinds()


def _name_kinds() -> None:
    """Write the new kind of tables, and of views of theirs, into the contents of the file."""
    run = op.get_bind().exec_driver_sql
    mixed = run(
        "SELECT table_name, column_name FROM gpkg_geometry_columns "
        "WHERE geometry_type_name = 'GEOMETRY'"
    )
    for table, column in mixed.fetchall():
        quoted = table.replace('"', '""')
        kinds = {row[1]: row[2] for row in run(f'PRAGMA table_info("{quoted}")')}
        if kinds.get(column) == "MULTIPOLYGON":
            run(
                "UPDATE gpkg_geometry_columns SET geometry_type_name = 'MULTIPOLYGON' "
                "WHERE table_name = ? AND column_name = ?",
                (table, column),
            )


def _rewritten(table: str, made: str) -> str:
    """Return the statement of a table with its kind of geometry and its defaults."""
    if table in _PROMOTED:
        made = made.replace("geom GEOMETRY", "geom MULTIPOLYGON")
    if table.startswith("past_"):
        return made
    for column, default in _DEFAULTS.get(table, {}).items():
        made = re.sub(rf"(\b{column} \w+) NOT NULL", rf"\1 DEFAULT {default} NOT NULL", made)
    return re.sub(_DEFAULT, r"\1 ON CONFLICT REPLACE", made)


def _promoted(blob: bytes) -> bytes:
    """Return a GeoPackage binary with a little-endian polygon as a collection of one."""
    start = _body(blob)
    if blob[start : start + 5] != b"\x01\x03\x00\x00\x00":
        return blob
    return blob[:start] + _ONE + blob[start:]


def _body(blob: Any) -> int:  # noqa: ANN401 - anything may stand in a column of SQLite
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 8:  # noqa: PLR2004
        return 0
    return 8 + _ENVELOPE_BYTES.get((blob[3] >> 1) & 0x07, 0)


def _digests() -> dict[int, str]:
    """Return the new hashes of the editions whose hash is that of their grids."""
    editions = op.get_bind().execute(
        sa.text("SELECT fid, district, revision, sha256 FROM editions")
    )
    found = {}
    for fid, district, at, digest in editions.fetchall():
        rows = _grids(district, at)
        if _digest(rows) == digest:
            found[fid] = _digest([(*row[:-1], _single(row[-1])) for row in rows])
    return found


def _grids(district: str, at: int) -> list[tuple[Any, ...]]:
    """Return the grids of a district at a revision, by their code, with well-known binary."""
    shape = "ST_AsBinary(geom, 'NDR')" if is_postgresql() else "geom"
    columns = f"{', '.join(_GRID)}, {shape}"
    query = sa.text(
        f"SELECT {columns} FROM grids WHERE district = :district AND since <= :at UNION ALL "  # noqa: S608
        f"SELECT {columns} FROM past_grids WHERE district = :district AND since <= :at "
        'AND "until" > :at'
    )
    rows = op.get_bind().execute(query, {"district": district, "at": at}).fetchall()
    plain = [(*row[:-1], bytes(row[-1])) for row in rows]
    if not is_postgresql():
        plain = [(*row[:-1], row[-1][_body(row[-1]) :]) for row in plain]
    return sorted(plain, key=lambda row: row[0])


def _single(body: bytes) -> bytes:
    return body.removeprefix(_ONE)


def _digest(rows: list[tuple[Any, ...]]) -> str:
    digest = sha256()
    for row in rows:
        digest.update(json.dumps(list(row[:-1]), ensure_ascii=False).encode())
        digest.update(row[-1])
    return digest.hexdigest()
