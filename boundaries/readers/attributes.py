"""Parse the attributes of layers: text, counts, ids and categories."""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from boundaries.readers.aliases import word_of
from boundaries.readers.rows import Mask, Rows, as_text
from boundaries.readers.service_kinds import KnownService, ServiceKinds
from geo.crs import STORED_EPSG
from geo.messages import Message
from geo.model.columns import Column, Value
from geo.model.layer_columns import COLUMNS, HOUSEHOLDS_SOURCES
from geo.model.layers import with_demand_point
from geo.model.standard import Standard
from geo.model.vocabulary import GroundKind, Origin
from geo.partition.atoms.territories import OWN_GROUND_M2

_UNITS: Final = "户人层岁栋张个位座平方米"
YES_OR_NO: Final = {
    "yes": ("是", "有", "true", "1", "y"),
    "no": ("否", "无", "不是", "false", "0", "n"),
}
"""Words of a column that says yes or no."""

_LIST: Final = r"\s*[;；,，、|]\s*"
"""Separators of several grid codes in one cell."""

_ID_DIGITS: Final = 12
_ID_DECIMALS: Final = 7  # of degrees, about 1 cm: a smaller move keeps the id
_MOST: Final = 10**9  # no count or area (m2) of one feature is larger


def buildings(rows: Rows) -> None:
    """Fill the columns of buildings; households must be known, the rest may be."""
    texts, named = rows.text("households"), rows.column("households")
    households, missing, bad = whole_numbers(texts)
    rows.frame = rows.frame.assign(households=households)
    rows.reject(
        missing | bad,
        [
            Message("reading.no_whole_number", {"column": named, "text": text})
            if text
            else Message("reading.no_households")
            for text in texts
        ],
    )
    for column in ("residents", "residents_60plus", "residents_under15", "levels"):
        _optional_count(rows, column)
    _use(rows)
    _fill(rows, "name")
    rows.frame = rows.frame.assign(households=rows.frame["households"].astype("int64"))
    fill_word(rows, "households_source", HOUSEHOLDS_SOURCES)
    _ids(rows, "building_id", prefix="b", columns=("name", "use", "households"))
    unique(rows, "building_id")
    rows.frame = with_demand_point(rows.frame)


def service_points(rows: Rows, standard: Standard) -> None:
    """Fill the columns of service points; the category must be one of the standard's.

    It may be named by a kind of its own. The kind decides where both are told and do not agree.
    """
    _fill(rows, "name")
    _fill(rows, "sub")
    _services(rows, ServiceKinds(standard))
    fill_word(rows, "origin", tuple(Origin))
    _capacity(rows)
    fill_unknown(rows, "service_points")
    unique(rows, "point_id")
    rows.frame = with_demand_point(rows.frame)


def _services(rows: Rows, kinds: ServiceKinds) -> None:
    """Fill category, kind and id; the id follows from what the file says of the kind."""
    told = zip(rows.text("category"), rows.text("sub"), rows.text("name"), strict=True)
    found = pd.Series([kinds.find(*texts) for texts in told], index=rows.frame.index, dtype=object)
    unknown = rows.text("category")[found.isna()]
    for text, n in unknown[unknown != ""].value_counts().items():
        rows.report.note(Message("reading.kind_unmapped", {"text": str(text)}), int(n))
    rows.reject(
        found.isna().to_numpy(),
        [
            kinds.refusal(text) if text else Message("reading.no_category")
            for text in rows.text("category")
        ],
    )
    services: list[KnownService] = found[rows.frame.index].tolist()
    rows.frame = rows.frame.assign(category=[each.category for each in services]).astype(
        {"category": "str"}
    )
    _ids(rows, "point_id", prefix="p", columns=("category", "name", "sub"))
    for how in dict.fromkeys(each.repair for each in services if each.repair):
        rows.repair(np.array([each.repair == how for each in services], bool), how)
    for each in services:
        if kinds.is_beside(each.category):
            rows.report.note(kinds.counted_as(each.category, each.kind))
    rows.frame = rows.frame.assign(sub=[each.kind for each in services]).astype({"sub": "str"})


def entrances(rows: Rows) -> None:
    """Fill the columns of entrances; each leads into a building or a service point."""
    _fill(rows, "name")
    fill_unknown(rows, "entrances")
    nowhere = rows.frame["building_id"].isna() & rows.frame["point_id"].isna()
    rows.reject(nowhere.to_numpy(), Message("reading.leads_nowhere"))
    for column in ("kind", "access"):
        texts, words = rows.text(column), COLUMNS["entrances"][column].words
        known = texts.map({text: word_of(text, words) for text in texts.unique() if text})
        said = {"column": rows.column(column), "wanted": list(words)}
        unread = (known.isna() & (texts != "")).to_numpy()
        rows.repair(unread, Message("reading.unreadable_value", said))
        filled = known.astype(object).fillna(str(COLUMNS["entrances"][column].start)).astype("str")
        rows.frame = rows.frame.assign(**{column: filled})
    _ids(rows, "entrance_id", prefix="e", columns=("building_id", "point_id", "kind", "name"))
    unique(rows, "entrance_id")


def open_grounds(rows: Rows, *, epsg: int) -> None:
    """Fill the columns of open grounds; the use must be known. `epsg`: the district's metric CRS.

    What is too small for a grid of its own is kept, and noted.
    """
    _fill(rows, "name")
    texts, words = rows.text("kind"), COLUMNS["open_grounds"]["kind"].words
    known = texts.map({text: word_of(text, words) for text in texts.unique()})
    named, wanted = rows.column("kind"), list(words)
    rows.reject(
        known.isna().to_numpy(),
        [
            Message("reading.unknown_word", {"column": named, "text": text, "words": wanted})
            for text in texts
        ],
    )
    rows.frame = rows.frame.assign(kind=known[rows.frame.index].astype("str"))
    _ids(rows, "ground_id", prefix="g", columns=("kind", "name"))
    unique(rows, "ground_id")
    small = rows.frame.geometry.to_crs(epsg).area < OWN_GROUND_M2
    small &= rows.frame["kind"] != GroundKind.COMPOUND
    rows.report.note(Message("reading.small_ground", {"m2": OWN_GROUND_M2}), int(small.sum()))


def organisations(rows: Rows) -> None:
    """Fill the columns of organisations, and give each grid that one serves a row of its own.

    A role or a kind must be known. A file of points tells the place where it has no lon and lat.
    """
    _fill(rows, "name")
    points = rows.frame.geometry
    if points.notna().any() and "lon" not in rows.frame:
        rows.frame = with_demand_point(rows.frame.set_geometry(points.to_crs(STORED_EPSG)))
    grids = rows.text("grid_code").str.split(_LIST)
    fill_unknown(rows, "organisations")
    frame = rows.frame
    off = (frame["lon"].isna() != frame["lat"].isna()) | ~(
        frame["lon"].fillna(0).between(-180, 180) & frame["lat"].fillna(0).between(-90, 90)
    )
    rows.repair(off.to_numpy(), Message("reading.no_place_in_degrees"))
    rows.frame = frame.assign(**{name: frame[name].mask(off) for name in ("lon", "lat")})
    nameless = (rows.frame["name"] == "").to_numpy()
    rows.reject(nameless, Message("reading.no_name"))
    rows.reject(
        (rows.frame["role"].isna() & rows.frame["kind"].isna()).to_numpy(),
        Message("reading.no_role_or_kind"),
    )
    per_grid = rows.frame.assign(grid_code=grids[rows.frame.index]).explode("grid_code")
    of_grid = COLUMNS["organisations"]["grid_code"].typed(per_grid["grid_code"].replace("", None))
    given = rows.text("link_id")[per_grid.index]
    several = per_grid.index.duplicated(keep=False) & (given != "").to_numpy()
    given = given.where(~several, given + "/" + of_grid.fillna("").astype(str))
    rows.frame = per_grid.assign(grid_code=of_grid, link_id=given)
    _ids(rows, "link_id", prefix="o", columns=("name", "role", "kind", "grid_code", "point_id"))
    unique(rows, "link_id")


def fill_unknown(rows: Rows, layer: str) -> None:
    """Fill the nullable columns of a layer; unreadable values become unknown and are reported."""
    for column in (column for column in COLUMNS[layer].values() if column.nullable):
        texts = rows.text(column.name)
        different = texts.unique().tolist()
        of_text = dict(zip(different, _parsed(column, different), strict=True))
        values = [of_text[text] for text in texts]
        unread = np.array([value is None for value in values], bool) & (texts != "").to_numpy()
        said = {"column": rows.column(column.name), "wanted": column.wanted}
        rows.repair(unread, Message("reading.unreadable_value", said))
        known = pd.Series(values, index=texts.index, dtype=object)
        rows.frame = rows.frame.assign(**{column.name: column.typed(known)})


def _parsed(column: Column, texts: Sequence[str]) -> list[Value | None]:
    """Parse texts as values of a column; None for each that is not readable."""
    if column.words:
        return [word_of(text, column.words) for text in texts]
    if column.kind == "bool":
        words = [word_of(text, YES_OR_NO) for text in texts]
        return [None if word is None else word == "yes" for word in words]
    values: list[Value | None] = [text or None for text in texts]
    if column.kind != "str":
        numbers = _numbers(texts)[0].tolist()
        values = [number if abs(number) <= _MOST else None for number in numbers]
    return [value if value is not None and column.allows(value) else None for value in values]


def unique(rows: Rows, key: str) -> None:
    """Reject every row whose key occurred in an earlier row."""
    values, named = rows.frame[key], rows.column(key)
    first: dict[str, int] = {}
    for row, value in zip(values.index.tolist(), values.tolist(), strict=True):
        first.setdefault(value, row)
    rows.reject(
        values.duplicated().to_numpy(),
        [
            Message("reading.key_twice", {"key": named, "value": value, "row": first[value]})
            for value in values
        ],
    )


def fill_word(rows: Rows, column: str, words: Sequence[str]) -> None:
    """Fill a column that says where data comes from; the first word where the file is silent.

    What a file calls synthetic, estimated or drawn keeps that label.
    """
    texts, named = rows.text(column), rows.column(column)
    unknown = ((texts != "") & ~texts.isin(words)).to_numpy()
    rows.reject(
        unknown,
        [
            Message("reading.unknown_word", {"column": named, "text": text, "words": list(words)})
            for text in texts
        ],
    )
    texts = rows.text(column)
    rows.frame = rows.frame.assign(**{column: texts.where(texts != "", words[0])})


def _fill(rows: Rows, column: str) -> None:
    rows.frame = rows.frame.assign(**{column: rows.text(column)})


def _use(rows: Rows) -> None:
    """Fill `use`; a building with households and no word for its use is residential."""
    texts = rows.text("use")
    uses = COLUMNS["buildings"]["use"].words
    words = {text: word_of(text, uses) for text in texts.unique() if text}
    used = texts.map(words)
    rows.report.note(Message("reading.use_assumed"), int((texts == "").sum()))
    unknown = (used.isna() & (texts != "")).to_numpy()
    rows.repair(unknown, Message("reading.use_unknown"))
    filled = used.where(texts != "", "residential").fillna("other")
    rows.frame = rows.frame.assign(use=filled.astype("str"))


def _optional_count(rows: Rows, column: str) -> None:
    values, missing, bad = whole_numbers(rows.text(column))
    said = {"column": rows.column(column)}
    rows.report.note(Message("reading.zero_assumed", said), int(missing.sum()))
    rows.repair(bad, Message("reading.zero_stored", said))
    stored = np.where(missing | bad, 0, values).astype(np.int64)
    rows.frame = rows.frame.assign(**{column: stored})


def _capacity(rows: Rows) -> None:
    """Fill `capacity`; a point whose capacity nobody gave counts as one."""
    texts = rows.text("capacity")
    values, missing = _numbers(texts)
    bad = ~missing & ~((values >= 0) & (values <= _MOST))
    if "capacity" in rows.frame.columns:  # else nobody speaks of capacity
        rows.report.note(Message("reading.capacity_assumed"), int(missing.sum()))
    rows.repair(bad, Message("reading.capacity_stored"))
    rows.frame = rows.frame.assign(capacity=np.where(missing | bad, 1.0, values))


def whole_numbers(texts: pd.Series) -> tuple[npt.NDArray[np.float64], Mask, Mask]:
    """Return numbers, which are missing, and which are no whole numbers from 0 on."""
    values, missing = _numbers(texts)
    with np.errstate(invalid="ignore"):
        good = (values >= 0) & (values <= _MOST) & (values == np.round(values))
    return values, missing, ~good & ~missing


def _numbers(texts: Iterable[str]) -> tuple[npt.NDArray[np.float64], Mask]:
    """Return numbers, NaN where the text is none, and which texts are missing."""
    folded = [
        unicodedata.normalize("NFKC", text)
        .replace(",", "")
        .removesuffix("m2")
        .rstrip(_UNITS)
        .strip()
        for text in texts
    ]
    missing = np.array([text == "" for text in texts], dtype=bool)
    values = pd.to_numeric(pd.Series(folded, dtype=object), errors="coerce").to_numpy(np.float64)
    return values, missing


def _ids(rows: Rows, key: str, *, prefix: str, columns: Sequence[str]) -> None:
    """Fill missing ids with a hash of attributes and location: same file, same ids."""
    texts = rows.text(key)
    absent = (texts == "").to_numpy()
    if absent.any():
        frame = rows.frame[absent]
        texts_of_places = shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=_ID_DECIMALS)
        places = [text or "" for text in texts_of_places]
        parts = zip(*(as_text(frame[column]) for column in columns), places, strict=True)
        made = [
            prefix + hashlib.sha256("|".join(part).encode()).hexdigest()[:_ID_DIGITS]
            for part in parts
        ]
        texts = texts.astype(object)
        texts[absent] = made
        rows.report.note(Message("reading.key_made", {"key": rows.column(key)}), int(absent.sum()))
    rows.frame = rows.frame.assign(**{key: texts.astype("str")})
