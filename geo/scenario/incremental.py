"""A re-run of a district for one scenario, touching only what its edits can affect.

An edit removes or adds arcs and seeds. Labels that may have come through something removed are
taken back; the search goes on from the labels around them and from what was added. Labels are
unique, so the result is bit for bit that of a full run on the edited layers.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from geo.arrays import FloatArray, GeometryArray, IntArray
from geo.network.compile import WalkNetwork, open_gates
from geo.network.snap import Links, link
from geo.network.snap_kernel import LINK_LIMIT_M
from geo.routing.connectors import Connectors, TripEnd, connectors, direct
from geo.routing.shortest_paths import UNREACHED, Seeds, Workspace, evaluate, invalidate, reseed
from geo.routing.snapped_district import best_of
from geo.routing.walking_time import HORIZON_S
from geo.scenario.baseline import Baseline, places_at
from geo.scenario.patch_network import Patched, patch_network
from geo.scenario.resolve_edits import PointState, ResolvedEdits, edited_gates


@dataclass(frozen=True, slots=True)
class ScenarioEffect:
    """What a scenario changes.

    Attributes
    ----------
    resolved : ResolvedEdits
        Net effect of the edits.
    rows : tuple of ndarray of int64
        Per category, the buildings whose nearest point or time differs.
    labels : tuple of ndarray of int64
        Their new labels.
    links : dict of int to str
        Buildings linked anew, with the reason where they are unlinked now.
    rank_id : dict of int to str
        Identifiers of points that are new to the ranks.
    unlinked : dict of str to str
        Points that the edits add or move and that are unlinked, with the reason: nobody reaches
        them.
    """

    resolved: ResolvedEdits
    rows: tuple[IntArray, ...]
    labels: tuple[IntArray, ...]
    links: dict[int, str]
    rank_id: dict[int, str]
    unlinked: dict[str, str]


@dataclass(frozen=True, slots=True)
class _ChangedPoints:
    """Entrances of service points as they are after the edits, where that differs from the base."""

    column: IntArray
    rank: IntArray
    links: Links
    connectors: Connectors
    unlinked: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Relinked:
    """Entrances of buildings, by their rows, that are linked anew."""

    rows: IntArray
    links: Links

    def in_place_of(self, before: Links, wanted: IntArray) -> Links:
        """Return the links of the entrances `wanted`, with all of these among them."""
        now = np.arange(len(wanted))
        at = np.searchsorted(wanted, self.rows)
        now[at] = len(wanted) + np.arange(len(at))
        return before.take(wanted).joined(self.links).take(now)


class Rerun:
    """One scenario under way: overlays on the arrays of its base."""

    def __init__(self, base: Baseline, resolved: ResolvedEdits) -> None:
        self._base, self._resolved = base, resolved
        draft = resolved.draft
        self._patched: Patched | None = None
        self._network = base.network
        if draft.removed or draft.added:
            gates = base.network.gates
            if resolved.gates:
                gates = open_gates(edited_gates(base.layers.gates, resolved))
            self._patched = patch_network(base.network, draft, base.arcs, gates=gates)
            self._network = self._patched.network
        self._workspace = Workspace(self._network.graph)

    @property
    def network(self) -> WalkNetwork:
        """The walk network after the edits."""
        return self._network

    def answer(self) -> ScenarioEffect:
        """Return what the scenario changes."""
        base = self._base
        changed = self._changed_streets()
        at = np.unique(_within(base.entrance_tree, changed))
        homes = base.snapped.entrances
        links = link(homes.xy[at], self._network, outlines=homes.outlines.take(at))
        nearby = _Relinked(at, links)
        self._building_connectors = _put(
            base.snapped.building_connectors(TripEnd.ORIGIN),
            at,
            connectors(self._network, nearby.links, end=TripEnd.ORIGIN),
        )
        gone, came, rank_id = self._points(np.unique(_within(base.point_entrance_tree, changed)))
        rows, labels = self._direct(nearby, gone, came)
        per_category = [
            self._column(number, (gone, came), (rows, labels[number]))
            for number in range(len(base.categories))
        ]
        return ScenarioEffect(
            resolved=self._resolved,
            rows=tuple(rows for rows, _ in per_category),
            labels=tuple(labels for _, labels in per_category),
            links=self._reasons(nearby),
            rank_id=rank_id,
            unlinked=came.unlinked,
        )

    # --- links -----------------------------------------------------------------------------------

    def _changed_streets(self) -> GeometryArray:
        """Return the geometries near which a place may be linked otherwise than before."""
        if self._patched is None:
            return np.empty(0, dtype=object)
        before, after = self._base.network, self._network
        if before.component_m.any() != after.component_m.any():
            base = self._base  # the first way or the last one concerns every place, wherever it is
            return np.concatenate(
                [
                    places_at(base.snapped.entrances.xy),
                    places_at(base.snapped.point_entrances.xy),
                ]
            )
        flipped = before.standing != after.standing[: len(before.edge_id)]
        flipped[self._patched.closed] = True
        return np.concatenate([before.geometry[flipped], after.geometry[self._patched.added]])

    def _points(self, relinked: IntArray) -> tuple[IntArray, _ChangedPoints, dict[int, str]]:
        """Return base points that no longer count as they did, and points as they are now."""
        base, changed = self._base, self._resolved.points
        snapped, entrances = base.snapped, base.snapped.point_entrances
        relinked = np.unique(entrances.place[relinked])
        row = base.resolver.point_row.get_indexer(list(changed))
        gone = np.union1d(relinked, row[row >= 0])
        names = base.layers.service_points["point_id"].to_numpy(dtype=object)
        alive = [int(idx) for idx in gone if names[idx] not in changed]
        now = [(name, place) for name, place in changed.items() if place is not None]
        rank_id = base.fresh_ranks([name for name, _ in now])
        number = {name: column for column, name in enumerate(base.categories)}
        rank_of = {name: rank for rank, name in rank_id.items()}
        rank_of |= {names[idx]: int(snapped.rank[idx]) for idx in row[row >= 0]}
        rows = base.resolver.point_row.get_indexer([name for name, _ in now])
        stands = [self._entered(int(idx), place) for idx, (_, place) in zip(rows, now, strict=True)]
        count = np.array([*np.diff(entrances.first)[alive], *map(len, stands)], np.int64)
        xy = np.concatenate([entrances.xy[entrances.of(alive)], *stands])
        links = link(xy, self._network)
        column = [*snapped.column[alive], *(number.get(p.category, -1) for _, p in now)]
        rank = [*snapped.rank[alive], *(rank_of[name] for name, _ in now)]
        ends = np.cumsum([0, *count])[len(alive) : len(alive) + len(now)]
        came = _ChangedPoints(
            column=np.repeat(np.array(column, np.int64), count),
            rank=np.repeat(np.array(rank, np.int64), count),
            links=links,
            connectors=connectors(self._network, links, end=TripEnd.DESTINATION),
            unlinked={
                name: str(why[0])
                for (name, _), why in zip(now, np.split(links.reason, ends)[1:], strict=True)
                if (why != "").all()
            },
        )
        return gone, came, rank_id

    def _entered(self, idx: int, place: PointState) -> FloatArray:
        """Return where a point is entered now: as before, unless it stands elsewhere."""
        entrances, here = self._base.snapped.point_entrances, np.array([[place.x, place.y]])
        stays = idx >= 0 and np.array_equal(self._base.snapped.point_xy[[idx]], here)
        return entrances.xy[entrances.of([idx])] if stays else here

    def _reasons(self, nearby: "_Relinked") -> dict[int, str]:
        """Return the buildings whose reason to be unlinked differs, with what it is now."""
        snapped = self._base.snapped
        buildings = np.unique(snapped.entrances.place[nearby.rows])
        entrances, rows = snapped.entrances.take(buildings), snapped.entrances.of(buildings)
        links = nearby.in_place_of(snapped.buildings, rows)
        reason = links.reason[entrances.one_each(links.linked)]
        before = snapped.reason[buildings]
        return {
            int(building): str(why)
            for building, why, old in zip(buildings, reason, before, strict=True)
            if why != old
        }

    def _direct(
        self, nearby: "_Relinked", gone: IntArray, came: _ChangedPoints
    ) -> tuple[IntArray, IntArray]:
        """Return the buildings whose direct walks may differ, and all their direct walks."""
        snapped = self._base.snapped
        ends = snapped.point_entrances
        edges = np.union1d(snapped.points.edge[ends.of(gone)], came.links.edge)
        on_edge = np.flatnonzero(np.isin(snapped.buildings.edge, edges[edges >= 0]))
        rows = np.unique(snapped.entrances.place[np.union1d(nearby.rows, on_edge)])
        starts = nearby.in_place_of(snapped.buildings, snapped.entrances.of(rows))
        column = snapped.column.copy()
        column[gone] = -1
        labels = direct(
            self._network,
            starts,
            snapped.points.joined(came.links),
            rank=np.concatenate([snapped.rank[ends.place], came.rank]),
            column=np.concatenate([column[ends.place], came.column]),
            n=len(self._base.categories),
        )
        return rows, best_of(labels, snapped.entrances.take(rows))

    # --- labels ----------------------------------------------------------------------------------

    def _column(
        self,
        number: int,
        points: tuple[IntArray, _ChangedPoints],
        direct_walks: tuple[IntArray, IntArray],
    ) -> tuple[IntArray, IntArray]:
        """Return the buildings that a category reaches otherwise, and their labels."""
        base = self._base
        (gone, came), (rows, along) = points, direct_walks
        lost = gone[base.snapped.column[gone] == number]
        new = np.flatnonzero(came.column == number)
        if self._patched is None and not len(lost) and not len(new):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        lost_seeds = base.snapped.seeds(lost)
        new_seeds = came.connectors.take(new).seeds(came.rank[new])
        states = self._network.graph.n_states
        seed = self._seeds(number, lost, new_seeds)
        label = _grown(base.snapped.nearest().state[number], states)
        changed = self._repair(label, seed, lost_seeds, new_seeds)
        affected = np.union1d(rows, base.buildings_at(changed))
        along_all = base.snapped.direct[number]
        if len(rows):
            along_all = along_all.copy()
            along_all[rows] = along
        best = np.empty(len(affected), np.int64)
        starts = self._building_connectors
        first = base.snapped.entrances.first
        evaluate(label, starts.state, starts.add, along_all, first, affected, best)
        differs = best != base.snapped.nearest().building[number, affected]
        return affected[differs], best[differs]

    def _seeds(self, number: int, lost: IntArray, new: Seeds) -> IntArray:
        """Return the best seed of each state, after the edits."""
        snapped = self._base.snapped
        stays = snapped.column == number
        stays[lost] = False
        rows = np.flatnonzero(stays)
        kept = snapped.seeds(rows)
        seed = np.full(self._network.graph.n_states, UNREACHED, np.int64)
        for seeds in (kept, new):
            np.minimum.at(seed, seeds.state, seeds.label)
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
    members = tree.query(places, predicate="dwithin", distance=LINK_LIMIT_M)[1]
    return np.asarray(members, np.int64)


def _put(whole: Connectors, rows: IntArray, by: Connectors) -> Connectors:
    """Return connectors with those of `rows` replaced; the given ones stay as they are."""
    if not len(rows):
        return whole
    state, add = whole.state.copy(), whole.add.copy()
    state[:, rows], add[:, rows] = by.state, by.add
    return Connectors(state, add)


def _grown(row: IntArray, size: int) -> IntArray:
    """Return a copy of `row` with room for new states, which are unreached."""
    grown = np.full(size, UNREACHED, np.int64)
    grown[: len(row)] = row
    return grown
