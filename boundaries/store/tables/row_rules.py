"""What a row of a layer must be, as conditions in SQL with a sentence for whoever breaks one.

Constraints hold the rules; but what a database says of them ("FOREIGN KEY constraint failed") helps
nobody at a desktop. Triggers look first and say in Chinese and English what was wanted
(:mod:`boundaries.store.geopackage.rule_triggers`, :mod:`boundaries.store.postgis.triggers`).
"""

# ruff: noqa: S608 - conditions made of our own names

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from boundaries.store.tables import layer_tables
from geo.messages import Message
from geo.model.columns import Column
from geo.model.layer_columns import COLUMNS, KEYS
from geo.model.vocabulary import Origin

_TYPES: Final = {"int": "'integer'", "float": "'real', 'integer'", "bool": "'integer'"}
"""Names under which SQLite stores values of each kind; it would take text for a number."""


@dataclass(frozen=True, slots=True)
class RowRule:
    """One thing that a row must not be.

    Attributes
    ----------
    broken : str
        SQL on ``NEW`` and ``OLD``: whether the row breaks the rule.
    message : Message
        What to do, for people.
    """

    broken: str
    message: Message

    @property
    def says(self) -> str:
        """The sentence in both languages, as an SQL literal."""
        return in_sql(self.message)


def in_sql(message: Message) -> str:
    """Return a message in both languages, as an SQL literal: a database does not know its reader.

    Examples
    --------
    >>> in_sql(Message("row_rules.empty", {"column": "note"}))
    "'note：不能为空。 note is empty: wanted a value.'"
    """
    sentence = f"{message.text('zh')} {message.text('en')}".replace("'", "''")
    return f"'{sentence}'"


def value_rules(layer: str, *, typed: bool) -> Iterator[RowRule]:
    """Yield the rules for the values of a row of a layer that is written.

    Parameters
    ----------
    layer : str
    typed : bool
        Whether the database itself refuses values of another type.
    """
    yield RowRule(
        "NEW.district IS NULL OR NOT EXISTS "
        "(SELECT 1 FROM districts d WHERE d.code = NEW.district)",
        Message("row_rules.no_district"),
    )
    for column in COLUMNS[layer].values():
        yield from _column_rules(column, typed=typed)
    key = KEYS[layer]
    yield RowRule(
        f'EXISTS (SELECT 1 FROM "{layer}" other WHERE other.district = NEW.district '
        f'AND other."{key}" = NEW."{key}" AND other.fid <> NEW.fid)',
        Message("row_rules.key_twice", {"key": key}),
    )
    if layer == "grids":
        yield from _grid_rules()


def _column_rules(column: Column, *, typed: bool) -> Iterator[RowRule]:
    new = f'NEW."{column.name}"'
    broken = [f"{new} IS NULL"] if column.start is ... and not column.derived else []
    if column.words:
        broken.append(f"{new} NOT IN ({_listed(column.words)})")
    elif column.kind != "str" and not typed:
        broken.append(f"typeof({new}) NOT IN ({_TYPES[column.kind]}, 'null')")
    if column.kind == "float":
        broken.append(f"abs({new}) > 1e300")
    if column.at_least is not None:
        broken.append(f"{new} < {column.at_least:g}")
    if broken:
        said = {"column": column.name, "wanted": column.wanted}
        yield RowRule(" OR ".join(broken), Message("row_rules.wrong_value", said))


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _grid_rules() -> Iterator[RowRule]:
    yield RowRule(
        "NEW.level = 'large' AND NEW.parent_code IS NOT NULL",
        Message("row_rules.large_has_parent"),
    )
    yield RowRule(
        "NEW.level <> 'large' AND NEW.parent_code IS NULL",
        Message("row_rules.no_parent"),
    )
    yield RowRule(
        "substr(NEW.code, 1, length(NEW.parent_code)) <> NEW.parent_code",
        Message("row_rules.code_not_of_parent"),
    )


_LEVEL_UP: Final = "CASE {row}.level WHEN 'small' THEN 'medium' ELSE 'large' END"
_HAS_PARENT: Final = (
    "EXISTS (SELECT 1 FROM grids p WHERE p.district = NEW.district AND p.code = NEW.parent_code "
    f"AND p.level = {_LEVEL_UP.format(row='NEW')})"
)
_HAS_CHILDREN: Final = (
    "EXISTS (SELECT 1 FROM grids c WHERE c.district = OLD.district AND c.parent_code = OLD.code)"
)
_HAS_WORKER: Final = (
    "EXISTS (SELECT 1 FROM workers w WHERE w.district = OLD.district AND w.grid_code = OLD.code)"
)
_MOVED: Final = "(NEW.code <> OLD.code OR NEW.district <> OLD.district OR NEW.level <> OLD.level)"
_IS_SMALL: Final = (
    "EXISTS (SELECT 1 FROM grids g WHERE g.district = NEW.district AND g.code = NEW.grid_code "
    "AND g.level = 'small')"
)
PARENT_IS_THERE: Final = RowRule(
    f"NEW.parent_code IS NOT NULL AND NOT {_HAS_PARENT}",
    Message("row_rules.parent_not_there"),
)
NO_CHILDREN_LEFT: Final = RowRule(
    f"{_HAS_CHILDREN} AND EXISTS (SELECT 1 FROM districts d WHERE d.code = OLD.district)",
    Message("row_rules.children_left"),
)
CHILDREN_KEEP_PARENT: Final = RowRule(
    f"{_MOVED} AND {_HAS_CHILDREN}",
    Message("row_rules.children_keep_parent"),
)
WORKERS_KEEP_GRID: Final = RowRule(
    f"(NEW.level <> OLD.level OR NEW.district <> OLD.district) AND {_HAS_WORKER}",
    Message("row_rules.workers_keep_grid"),
)
WORKER_HAS_GRID: Final = RowRule(
    f"NOT {_IS_SMALL}",
    Message("row_rules.worker_without_grid"),
)


def district_rules() -> Iterator[RowRule]:
    """Yield the rules for the values of a district that is written."""
    yield RowRule(
        "coalesce(NEW.code, '') = ''",
        Message("row_rules.code_empty"),
    )
    yield RowRule(
        "EXISTS (SELECT 1 FROM districts other WHERE other.code = NEW.code "
        "AND other.fid <> NEW.fid)",
        Message("row_rules.code_twice"),
    )
    for name in ("name_zh", "name_en", "epsg"):
        yield RowRule(f"NEW.{name} IS NULL", Message("row_rules.empty", {"column": name}))
    yield RowRule(
        f"NEW.origin IS NULL OR NEW.origin NOT IN ({_listed(Origin)})",
        Message("row_rules.wrong_origin", {"words": list(map(str, Origin))}),
    )


def shape_rule(table_name: str, broken: str) -> RowRule:
    """Return the rule for the shape of a row, whose condition each database writes its own way."""
    kinds = list(layer_tables.kinds_of(table_name))
    return RowRule(broken, Message("row_rules.wrong_shape", {"kinds": kinds}))
