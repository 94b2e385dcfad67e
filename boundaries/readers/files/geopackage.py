"""GeoPackages: what GDAL is to open is looked at by SQLite first, read only and unchanging."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from boundaries.import_report import LayerReport
from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.files.formats import FileReader, unreadable
from boundaries.readers.files.gdal import read_by_gdal
from boundaries.readers.files.limits import MAX_DEFAULT_CHARS, MAX_TABLES, check_table_size
from boundaries.readers.files.source import FileHints, Source, chosen_layer
from geo.errors import FileFormatError
from geo.messages import Message

_GUARDS: Final = (
    "PRAGMA trusted_schema = OFF",
    "PRAGMA query_only = ON",
    "PRAGMA cell_size_check = ON",
    "PRAGMA ignore_check_constraints = ON",
)
_OPEN_OPTIONS: Final = {
    "IMMUTABLE": "YES",
    "LIST_ALL_TABLES": "NO",
    "PRELUDE_STATEMENTS": "; ".join(_GUARDS),
}
_LONGEST_VALUE_BYTES: Final = 100_000_000
"""Of one value; a shape of it would have six million corners."""

_SYSTEM: Final = ("gpkg", "ogr_", "sqlite_", "layer_styles", "data_licenses")
"""Beginnings of the names of tables that GDAL reads whenever it opens a file."""

_NAME: Final = r"""(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^]]*]|[^\s(]+)"""
_STATEMENT: Final = re.compile(
    rf"CREATE (?P<kind>TABLE|VIEW|VIRTUAL TABLE|(?:UNIQUE )?INDEX|TRIGGER) (?P<name>{_NAME})",
    re.IGNORECASE,
)
"""What SQLite writes into its schema, whatever statement was given: nothing stands in between."""

_SPATIAL_INDEX: Final = re.compile(
    rf"CREATE VIRTUAL TABLE {_NAME} USING rtree\s*\([\w\s,\"]*\)", re.IGNORECASE
)

_LAYERS: Final = """
    SELECT contents.table_name FROM gpkg_contents AS contents
    JOIN gpkg_geometry_columns AS shapes ON lower(shapes.table_name) = lower(contents.table_name)
    WHERE contents.data_type = 'features' ORDER BY contents.rowid
"""


def read_geopackage(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a layer of a GeoPackage: the one called `layer`, else the only one.

    A layer is a table. Views, virtual tables and columns that are computed are not evaluated, and
    as nothing is written no trigger runs.
    """
    check_nothing_beside(path)
    try:
        with opened(path) as connection:
            layers, views = _checked_layers(connection, path.name)
            if views and hints.part is None:
                _refuse_views(layers, views, layer, path.name)
            chosen = chosen_layer(layers, layer, report, hints, what=path.name)
            check_rows(connection, chosen, path.name)
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        raise unreadable(path.name, str(error)) from error
    with TemporaryDirectory() as folder:
        alias = Path(folder, "in.gpkg")  # a name of which GDAL parses nothing
        alias.symlink_to(path.absolute())
        return read_by_gdal(
            alias,
            FileReader.GEOPACKAGE,
            what=path.name,
            report=report,
            layer=chosen,
            **_OPEN_OPTIONS,
        )


def check_nothing_beside(path: Path) -> None:
    """Raise if changes lie beside the file that are not written into it yet."""
    for tail in ("-wal", "-journal"):
        beside = path.with_name(path.name + tail)
        if beside.exists() and beside.stat().st_size:
            raise FileFormatError("files.open_elsewhere", name=path.name, beside=beside.name)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file of SQLite read only, as one that nobody changes; its schema is not trusted."""
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for guard in _GUARDS:
            connection.execute(guard)
        yield connection


def _checked_layers(connection: sqlite3.Connection, what: str) -> tuple[list[str], list[str]]:
    """Return the layers that are tables, and those that are views.

    Raises if anything that GDAL would read is no plain table.
    """
    rows = connection.execute(
        "SELECT CAST(type AS TEXT), CAST(name AS TEXT), CAST(coalesce(sql, '') AS TEXT) "
        "FROM sqlite_master LIMIT ?",
        (MAX_TABLES + 1,),
    ).fetchall()
    if len(rows) > MAX_TABLES:
        raise unreadable(what, Message("files.too_many_tables", {"most": MAX_TABLES}))
    tables = _plain_tables(rows, what)
    for table in tables:
        check_columns(connection, table, what)
    check_sound(connection, what)
    for definition in connection.execute("SELECT * FROM gpkg_spatial_ref_sys"):
        check_names_no_file("\n".join(str(value) for value in definition), what=what)
    plain_names = {table.lower() for table in tables}
    names = [str(name) for (name,) in connection.execute(_LAYERS)]
    return ([name for name in names if name.lower() in plain_names],
            [name for name in names if name.lower() not in plain_names])  # fmt: skip


def check_sound(connection: sqlite3.Connection, what: str, table: str = "") -> None:
    """Raise if the database, or one table of it, is damaged."""
    which = quoted(table) if table else "1"
    (verdict,) = connection.execute(f"PRAGMA quick_check({which})").fetchone()
    if verdict != "ok":
        said = " ".join(verdict.split())
        raise unreadable(what, Message("files.sqlite_damaged", {"verdict": said}))


def check_rows(connection: sqlite3.Connection, chosen: str, what: str) -> None:
    """Raise if a layer has too many columns or cells."""
    table = quoted(chosen)  # a name cannot be bound, and an index may count wrongly
    counting = f"SELECT count(*) FROM {table} NOT INDEXED"  # noqa: S608
    (count,) = connection.execute(counting).fetchone()
    columns = connection.execute("SELECT count(*) FROM pragma_table_info(?)", (chosen,)).fetchone()
    check_table_size(count, columns[0], what=what)


def _plain_tables(rows: Sequence[tuple[str, str, str]], what: str) -> list[str]:
    """Return the names of tables; raise if one that GDAL reads by itself is something else.

    What a row of the schema makes is told by its statement alone: a row that calls itself a table
    may hold that of a view.
    """
    tables = []
    for kind, name, sql in rows:
        made, called = statement_of(sql)
        if sql and not (made.endswith(kind.upper()) and called.lower() == name.lower()):
            raise unreadable(what, Message("files.sqlite_schema", {"name": name}))
        if made == "TABLE":
            tables.append(name)
        elif (made == "VIEW" and name.lower().startswith(_SYSTEM)) or (
            made == "VIRTUAL TABLE" and not _SPATIAL_INDEX.fullmatch(sql)
        ):
            raise FileFormatError(
                "files.not_a_plain_table", what=what, kind=made.lower(), name=name
            )
    return tables


def statement_of(sql: str) -> tuple[str, str]:
    """Return what a statement of a schema makes, in capitals, and how that is called.

    Examples
    --------
    >>> statement_of('CREATE VIEW "a b" AS SELECT 1')
    ('VIEW', 'a b')
    """
    statement = _STATEMENT.match(sql)
    return (statement["kind"].upper(), _unquoted(statement["name"])) if statement else ("", "")


def _unquoted(name: str) -> str:
    quote = {"[": "]"}.get(name[0], name[0])
    return name if quote not in "\"'`]" else name[1:-1].replace(2 * quote, quote)


def check_columns(connection: sqlite3.Connection, table: str, what: str) -> None:
    """Raise if a column is computed, or has a default that would stand in every row."""
    for _, name, _, _, default, _, hidden in connection.execute(
        "SELECT * FROM pragma_table_xinfo(?)", (table,)
    ):
        if hidden or len(str(default or "")) > MAX_DEFAULT_CHARS:
            fault = "files.computed_column" if hidden else "files.long_default"
            raise FileFormatError(fault, what=what, column=name, table=table)


def _refuse_views(layers: list[str], views: list[str], layer: str, what: str) -> None:
    """Raise if a view may be meant: one is not read."""
    if layer in views or (len(layers) != 1 and layer not in layers):
        said = {"layers": len(layers), "names": layers, "layer": layer, "views": views}
        raise FileFormatError("files.several_layers_and_views", what=what, **said)


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'
