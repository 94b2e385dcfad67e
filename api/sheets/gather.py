"""What each sheet says, gathered from a district."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from api.sheets.question import SheetKind, SheetLevel, SheetQuestion
from api.sheets.reach import ReachOf
from api.snapshot.district import Snapshot
from api.snapshot.organisations import find_organisations
from boundaries.standards.organisation_roles import load_roles
from geo.arrays import IntArray
from geo.errors import EmptyError, NotFoundError
from geo.messages import percent
from geo.model.vocabulary import Level
from geo.staffing.posts import small_under
from maps.sheets.content import ListedPart, ListedPlace, MapGround, Post, Sheet, SheetOrganisation

_WINDOW: Final = "window"
_PLACE_NAMES: Final = 40
"""Most small grids of a map that carry a label; more would cover it."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What one sheet is for."""

    code: str
    name: str
    small: list[str]  # codes of its small grids
    shape: BaseGeometry  # metric
    above: tuple[str, ...]  # codes, the largest first


class Gatherer:
    """Gathers sheets of a district.

    Parameters
    ----------
    snapshot : Snapshot
    question : SheetQuestion
    """

    def __init__(self, snapshot: Snapshot, question: SheetQuestion) -> None:
        self._snapshot, self._question = snapshot, question
        grids = snapshot.metric.grids
        self._grids = grids.set_index("code", drop=False)
        self._under = {**{code: [code] for code in self._of(Level.SMALL)}, **small_under(grids)}
        small = snapshot.members["small"].to_numpy(dtype=object)
        per_grid = snapshot.layers.buildings["households"].groupby(small)
        self._per_grid, self._rows_of = per_grid.agg(["sum", "size"]), per_grid.indices
        self._of_level = {level: grids[grids["level"] == level] for level in Level}
        self._workers = snapshot.layers.workers
        self._reach = ReachOf(snapshot, question)
        self._bodies = find_organisations(snapshot).in_grid
        self._posts = {post.code: post for post in self._all_posts()}

    def codes(self) -> list[str]:
        """Return the codes of the grids or posts that are asked for.

        Raises
        ------
        EmptyError
            If the district has no grids of that level, or no posts.
        NotFoundError
            If none begins as asked.
        """
        level, within = self._question.level, self._question.within
        every = sorted(self._posts) if level == SheetLevel.BEAT else self._of(Level(level))
        if not every:
            missing = "sheets.no_posts" if level == SheetLevel.BEAT else "sheets.no_grids"
            raise EmptyError(missing, district=self._snapshot.district.code)
        chosen = [code for code in every if code.startswith(within)]
        if not chosen:
            raise NotFoundError("sheets.none_within", within=within, example=every[0])
        return chosen

    def sheets(self, codes: list[str]) -> list[Sheet]:
        """Return the sheets of some grids or posts."""
        return [self._sheet(self._subject(code)) for code in codes]

    def _of(self, level: Level) -> list[str]:
        grids = self._snapshot.layers.grids
        return sorted(grids.loc[grids["level"] == level, "code"])

    def _name(self, code: str) -> str:
        row = self._grids.loc[code]
        first, other = ("name_zh", "name_en") if self._zh else ("name_en", "name_zh")
        return str(row[first] or row[other])

    @property
    def _zh(self) -> bool:
        return self._question.lang == "zh"

    def _subject(self, code: str) -> _Subject:
        if self._question.level == SheetLevel.BEAT:
            own = self._workers.loc[self._workers["worker_code"] == code, "grid_code"]
            small = sorted(each for each in own if each in self._grids.index)
            shape = shapely.union_all(self._grids.geometry[small].to_numpy())
            return _Subject(code, self._posts[code].name, small, shape, self._above(small[0])[:1])
        shape = self._grids.geometry[code]
        return _Subject(code, self._name(code), self._under.get(code, []), shape, self._above(code))

    def _above(self, code: str) -> tuple[str, ...]:
        """Return the codes of the grids above one, the largest first."""
        codes: list[str] = []
        parent = self._grids["parent_code"].get(code)
        while isinstance(parent, str) and parent in self._grids.index:
            codes.insert(0, parent)
            parent = self._grids["parent_code"].get(parent)
        return tuple(codes)

    def _sheet(self, subject: _Subject) -> Sheet:
        none = np.zeros(0, dtype=np.int64)
        rows = np.sort(
            np.concatenate([none, *(self._rows_of.get(code, none) for code in subject.small)])
        )
        is_card = self._question.kind == SheetKind.CARD
        counts = self._per_grid.reindex(subject.small).fillna(0).sum()
        return Sheet(
            kind=str(self._question.kind),
            level=str(self._question.level),
            code=subject.code,
            name=subject.name,
            above=tuple(map(self._name, subject.above)),
            households=int(counts["sum"]),
            buildings=int(counts["size"]),
            posts=self._posts_of(subject.small),
            bodies=self._bodies_of(subject, rows),
            ground=self._ground(subject),
            reach=self._reach.reach(rows) if is_card and len(rows) else (),
            parts=() if is_card else self._parts(subject, rows),
            covered=() if is_card else self._covered(subject),
        )

    def _all_posts(self) -> list[Post]:
        posts = []
        for code, rows in self._workers.groupby("worker_code", sort=True):
            households = self._per_grid["sum"].reindex(rows["grid_code"]).fillna(0).sum()
            first = rows.iloc[0]
            name, phone = first["post_name"] or "", first["phone"] or ""
            posts.append(Post(str(code), name, phone, len(rows), int(households)))
        return posts

    def _posts_of(self, small: list[str]) -> tuple[Post, ...]:
        own = self._workers.loc[self._workers["grid_code"].isin(small), "worker_code"]
        return tuple(self._posts[code] for code in sorted(set(own)))

    def _bodies_of(self, subject: _Subject, rows: IntArray) -> tuple[SheetOrganisation, ...]:
        """Return the organisations of the grid and of those above it, one row for each role."""
        codes = {*subject.above, subject.code, *(subject.small if len(subject.small) == 1 else ())}
        if self._question.level == SheetLevel.BEAT:
            codes |= {each for code in subject.small for each in self._above(code)}
        levels = {str(self._grids["level"].get(code)) for code in codes}
        bodies = []
        for role in load_roles():
            if str(role.level) not in levels:
                continue
            held = self._bodies[
                (self._bodies["role"] == role.id) & self._bodies["grid_code"].isin(codes)
            ]
            names = (
                "、".join(dict.fromkeys(held["name"]))
                if self._zh
                else ", ".join(dict.fromkeys(held["name"]))
            )
            place = self._place_of(held["name"], rows) if role.id == _WINDOW else None
            bodies.append(SheetOrganisation(role.zh if self._zh else role.en, names, place))
        return tuple(bodies)

    def _place_of(self, names: pd.Series, rows: IntArray) -> ListedPlace | None:
        """Return the service point that the first of some names is."""
        points = self._snapshot.layers.service_points
        named = np.flatnonzero(points["name"].isin(names).to_numpy())
        if not len(named) or not len(rows):
            return None
        return self._reach.place(int(named[0]), self._reach.walk_to(int(named[0]), rows), 0)

    def _ground(self, subject: _Subject) -> MapGround:
        metric = self._snapshot.metric
        inner = self._inner(subject)
        level, own = Level.SMALL, frozenset(subject.small)
        question = self._question
        if question.kind == SheetKind.NOTICE and question.level != SheetLevel.BEAT:
            level, own = Level(question.level), frozenset([subject.code])
        return MapGround(
            area=subject.shape,
            parts=inner,
            around=self._of_level[level],
            own=own,
            streets=metric.walk_edges,
            buildings=metric.buildings,
            barriers=metric.barriers,
            gates=metric.gates,
            open_grounds=metric.open_grounds,
        )

    def _inner(self, subject: _Subject) -> gpd.GeoDataFrame:
        """Return the grids inside the subject that its map shows, with labels."""
        grids = self._snapshot.metric.grids
        if self._question.level == SheetLevel.BEAT:
            inner = grids[grids["code"].isin(subject.small)]
        else:
            inner = grids[grids["parent_code"] == subject.code]
        few = len(inner) <= _PLACE_NAMES
        labels = [self._short(code, subject) if few else "" for code in inner["code"]]
        return inner.assign(label=labels)

    def _short(self, code: str, subject: _Subject) -> str:
        """Return what a map calls a grid inside: its name, else what its code adds."""
        above = self._grids["parent_code"].get(code)
        name = self._name(code)
        if above in self._grids.index:
            name = name.removeprefix(self._name(above)).strip() or name
        if name and len(name) <= 8:  # noqa: PLR2004 - longer ones do not fit
            return name
        return code.removeprefix(str(above or subject.code)).strip("-") or code

    def _parts(self, subject: _Subject, rows: IntArray) -> tuple[ListedPart, ...]:
        """Return the rows of a notice: grids below, or the buildings of a small grid."""
        if self._question.level == SheetLevel.SMALL:
            names = self._snapshot.layers.buildings["name"].iloc[rows]
            return tuple(ListedPart("", name) for name in sorted({*names} - {""}))
        if self._question.level == SheetLevel.BEAT:
            below = subject.small
        else:
            is_below = self._grids["parent_code"] == subject.code
            below = sorted(self._grids.loc[is_below, "code"])
        parts = []
        for code in below:
            small = self._under.get(code, [])
            counts = self._per_grid.reindex(small).fillna(0).sum()
            parts.append(
                ListedPart(
                    code, self._name(code), int(counts["sum"]), int(counts["size"]),
                    self._posts_of(small),
                )
            )  # fmt: skip
        return tuple(parts)

    @cached_property
    def _coverage(self) -> pd.DataFrame:
        table = self._snapshot.coverage(str(self._question.level), self._question.asked)
        return table.set_index("code")

    def _covered(self, subject: _Subject) -> tuple[tuple[str, str], ...]:
        """Return the share of households that reach each category, in words."""
        if self._question.level == SheetLevel.BEAT:
            return ()
        row = self._coverage.loc[subject.code].to_dict()
        judged = self._snapshot.judged
        return tuple(
            (
                category.zh if self._zh else category.en,
                percent(row[f"coverage_{category.id}"], self._question.lang),
            )
            for category in self._snapshot.standard.categories
            if judged[category.id]
        )
