"""A re-run of a district for one scenario, touching only what its edits can change.

An edit removes or adds arcs and seeds. Labels that may have come through something removed are
taken back; the search goes on from the labels around them and from what was added. Labels are
unique, so the result is bit for bit that of a full run on the edited layers.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from geo.arrays import GeometryArray, IntArray
from geo.network.compile import open_gates
from geo.network.snap import Links, link
from geo.network.snap_kernel import LINK_LIMIT_M
from geo.routing.connectors import Doors, Role, direct, doors
from geo.routing.shortest_paths import UNREACHED, Seeds, Workspace, evaluate, invalidate, reseed
from geo.routing.walking_time import HORIZON_S
from geo.scenario.baseline import Base, places_at
from geo.scenario.patch_network import Patched, patch_network
from geo.scenario.resolve_edits import Change, edited_gates


@dataclass(frozen=True, slots=True)
class Answer:
    """What a scenario changes.

    Attributes
    ----------
    change : Change
        What the edits come to.
    rows : tuple of ndarray of int64
        Per category, the buildings whose nearest point or time differs.
    labels : tuple of ndarray of int64
        Their new labels.
    links : dict of int to str
        Buildings linked anew, with the reason where they are unlinked now.
    rank_id : dict of int to str
        Identifiers of points that are new to the ranks.
    unlinked : dict of str to str
        Points that the edits add or change and that are unlinked, with the reason: nobody reaches
        them.
    """

    change: Change
    rows: tuple[IntArray, ...]
    labels: tuple[IntArray, ...]
    links: dict[int, str]
    rank_id: dict[int, str]
    unlinked: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Came:
    """Service points as they are after the edits, where that differs from the base."""

    column: IntArray
    rank: IntArray
    links: Links
    doors: Doors


class Rerun:
    """One scenario under way: overlays on the arrays of its base."""

    def __init__(self, base: Base, change: Change) -> None:
        self._base, self._change = base, change
        draft = change.draft
        self._patched: Patched | None = None
        self._network = base.network
        if draft.removed or draft.added:
            gates = base.network.gates
            if change.gates:
                gates = open_gates(edited_gates(base.layers.gates, change))
            self._patched = patch_network(base.network, draft, base.arcs, gates=gates)
            self._network = self._patched.network
        self._workspace = Workspace(self._network.graph)

    def answer(self) -> Answer:
        """Return what the scenario changes."""
        base = self._base
        changed = self._changed_streets()
        homes = np.unique(_within(base.home_tree, changed))
        home_links = link(base.home_xy[homes], self._network)
        self._homes = _put(base.homes, homes, doors(self._network, home_links, role=Role.START))
        gone, came, rank_id = self._points(np.unique(_within(base.point_tree, changed)))
        rows, labels = self._direct(homes, home_links, gone, came)
        found = [
            self._column(number, (gone, came), homes, (rows, labels[number]))
            for number in range(len(base.categories))
        ]
        reasons = {
            int(home): str(reason)
            for home, reason in zip(homes, home_links.reason, strict=True)
            if reason != base.home_links.reason[home]
        }
        own = [name for name, place in self._change.points.items() if place is not None]
        why = came.links.reason[len(came.links.reason) - len(own) :]
        return Answer(
            change=self._change,
            rows=tuple(rows for rows, _ in found),
            labels=tuple(labels for _, labels in found),
            links=reasons,
            rank_id=rank_id,
            unlinked={name: str(told) for name, told in zip(own, why, strict=True) if told},
        )

    # --- links -----------------------------------------------------------------------------------

    def _changed_streets(self) -> GeometryArray:
        """Return the geometries near which a place may be linked otherwise than before."""
        if self._patched is None:
            return np.empty(0, dtype=object)
        before, after = self._base.network, self._network
        if before.component_m.any() != after.component_m.any():
            base = self._base  # the first way or the last one concerns every place, wherever it is
            return np.concatenate([places_at(base.home_xy), places_at(base.point_xy)])
        flipped = before.tiny_island != after.tiny_island[: len(before.edge_id)]
        flipped[self._patched.closed] = True
        return np.concatenate([before.geometry[flipped], after.geometry[self._patched.added]])

    def _points(self, relinked: IntArray) -> tuple[IntArray, _Came, dict[int, str]]:
        """Return base points that no longer count as they did, and points as they are now."""
        base, changed = self._base, self._change.points
        row = base.book.point_row.get_indexer(list(changed))
        gone = np.union1d(relinked, row[row >= 0])
        names = base.layers.service_points["point_id"].to_numpy(dtype=object)
        alive = [int(at) for at in gone if names[at] not in changed]
        now = [(name, at) for name, at in changed.items() if at is not None]
        rank_id = base.fresh_ranks([name for name, _ in now])
        rank_of = {name: rank for rank, name in rank_id.items()}
        number = {name: column for column, name in enumerate(base.categories)}
        rank = [*base.rank[alive]]
        for name, _ in now:
            at = int(base.book.point_row.get_indexer([name])[0])
            rank.append(base.rank[at] if at >= 0 else rank_of[name])
        xy = np.concatenate(
            [base.point_xy[alive], np.array([(p.x, p.y) for _, p in now]).reshape(-1, 2)]
        )
        links = link(xy, self._network)
        came = _Came(
            column=np.array(
                [*base.column[alive], *(number.get(p.category, -1) for _, p in now)], np.int64
            ),
            rank=np.array(rank, np.int64),
            links=links,
            doors=doors(self._network, links, role=Role.END),
        )
        return gone, came, rank_id

    def _direct(
        self, homes: IntArray, home_links: Links, gone: IntArray, came: _Came
    ) -> tuple[IntArray, IntArray]:
        """Return the homes whose direct walks may differ, and all their direct walks."""
        base = self._base
        edges = np.union1d(base.point_links.edge[gone], came.links.edge)
        on_edge = np.flatnonzero(np.isin(base.home_links.edge, edges[edges >= 0]))
        rows = np.union1d(homes, on_edge)
        now = np.arange(len(rows))
        now[np.searchsorted(rows, homes)] = len(rows) + np.arange(len(homes))
        starts = base.home_links.take(rows).joined(home_links).take(now)
        column = base.column.copy()
        column[gone] = -1
        ends, rank = base.point_links.joined(came.links), np.concatenate([base.rank, came.rank])
        labels = direct(
            self._network, starts, ends, rank=rank,
            column=np.concatenate([column, came.column]), n=len(base.categories),
        )  # fmt: skip
        return rows, labels

    # --- labels ----------------------------------------------------------------------------------

    def _column(
        self,
        number: int,
        points: tuple[IntArray, _Came],
        homes: IntArray,
        direct_walks: tuple[IntArray, IntArray],
    ) -> tuple[IntArray, IntArray]:
        """Return the buildings that a category reaches otherwise, and their labels."""
        base = self._base
        (gone, came), (rows, along) = points, direct_walks
        lost = gone[base.column[gone] == number]
        new = np.flatnonzero(came.column == number)
        if self._patched is None and not len(lost) and not len(new):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        lost_seeds = base.points.take(lost).seeds(base.rank[lost])
        new_seeds = came.doors.take(new).seeds(came.rank[new])
        states = self._network.graph.n_states
        seed = self._seeds(number, lost, lost_seeds, new_seeds)
        label = _grown(base.label[number], states)
        changed = self._repair(label, seed, lost_seeds, new_seeds)
        affected = np.union1d(np.union1d(homes, rows), base.homes_at(changed))
        along_all = base.direct[number]
        if len(rows):
            along_all = along_all.copy()
            along_all[rows] = along
        best = np.empty(len(affected), np.int64)
        evaluate(label, self._homes.state, self._homes.add, along_all, affected, best)
        differs = best != base.best[number, affected]
        return affected[differs], best[differs]

    def _seeds(self, number: int, lost: IntArray, lost_seeds: Seeds, new_seeds: Seeds) -> IntArray:
        """Return the best seed of each state, after the edits."""
        base = self._base
        seed = _grown(base.seed[number], self._network.graph.n_states)
        seed[lost_seeds.state] = UNREACHED
        stays = base.column == number
        stays[lost] = False
        left = np.flatnonzero(stays)
        others = base.points.take(left).seeds(base.rank[left])
        again = np.isin(others.state, lost_seeds.state)
        np.minimum.at(seed, others.state[again], others.label[again])
        np.minimum.at(seed, new_seeds.state, new_seeds.label)
        return seed

    def _repair(self, label: IntArray, seed: IntArray, lost: Seeds, new: Seeds) -> IntArray:
        """Bring `label` up to date in place; return the states that may have changed."""
        base, graph = self._base, self._network.graph
        suspects = [lost.state[label[lost.state] == lost.label].astype(np.int64)]
        if self._patched is not None:
            arcs = base.arcs.of(self._patched.closed)
            tail, head = base.tail[arcs], base.network.graph.head[arcs]
            through = (label[tail] < UNREACHED) & (
                label[head] == label[tail] + base.network.graph.step[arcs]
            )
            suspects.append(head[through].astype(np.int64))
        room = np.empty(graph.n_states, np.int64)
        before = np.empty(graph.n_states, np.int64)
        n = invalidate(
            graph.begin, graph.stop, graph.head, graph.step, label, seed, np.concatenate(suspects),
            room, before,
        )  # fmt: skip
        taken = room[:n]
        offers = np.empty(n, np.int64)
        reseed(taken, base.into_first, base.into, base.tail, graph.step, label, seed, offers)
        states, labels = [taken, new.state.astype(np.int64)], [offers, new.label]
        if self._patched is not None:
            reached = label[self._patched.arc_tail] < UNREACHED
            states.append(self._patched.arc_head[reached])
            labels.append(label[self._patched.arc_tail[reached]] + self._patched.arc_step[reached])
        seeds = Seeds(np.concatenate(states).astype(np.uint32), np.concatenate(labels))
        updated = self._workspace.improve(label, seeds, limit_s=HORIZON_S)
        return np.concatenate([taken, updated.astype(np.int64)])


def _within(tree: shapely.STRtree, places: GeometryArray) -> IntArray:
    """Return the members of `tree` that a leg from one of `places` could reach."""
    found = tree.query(places, predicate="dwithin", distance=LINK_LIMIT_M)[1]
    return np.asarray(found, np.int64)


def _put(all_doors: Doors, rows: IntArray, by: Doors) -> Doors:
    """Return doors with those of `rows` replaced; the given ones stay as they are."""
    if not len(rows):
        return all_doors
    state, add = all_doors.state.copy(), all_doors.add.copy()
    state[:, rows], add[:, rows] = by.state, by.add
    return Doors(state, add)


def _grown(row: IntArray, size: int) -> IntArray:
    """Return a copy of `row` with room for new states, which are unreached."""
    grown = np.full(size, UNREACHED, np.int64)
    grown[: len(row)] = row
    return grown
