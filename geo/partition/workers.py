"""The layer ``workers`` and the roster from beats: codes of posts, kept where possible."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from geo.arrays import IntArray, ObjectArray
from geo.geometry.polygonize import connected_labels
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.band import Band
from geo.partition.search import Groups


def with_open_ground(atoms: Atoms, groups: Groups, large: IntArray) -> IntArray:
    """Return the beat of each atom, open ground with the beat it borders on longest.

    Ground with no beat beside it in its large grid stays without one, -1.
    """
    beat = groups.beat.copy()
    same = large[atoms.pairs[:, 0]] == large[atoms.pairs[:, 1]]
    both = np.concatenate([atoms.pairs[same], atoms.pairs[same][:, ::-1]])
    length = np.round(np.concatenate([atoms.length_m[same]] * 2), 3)
    while True:
        attachable = (beat[both[:, 0]] < 0) & (beat[both[:, 1]] >= 0)
        if not attachable.any():
            return beat
        source, to = both[attachable, 0], beat[both[attachable, 1]]
        order = np.lexsort((to, -length[attachable], source))
        chosen = order[np.unique(source[order], return_index=True)[1]]
        beat[source[chosen]] = to[chosen]


def beats_of_whole_grids(beat: IntArray, small: IntArray, households: IntArray) -> IntArray:
    """Return the beat of each atom such that every small grid lies in one beat.

    Ground belongs to the beat of those who live in its grid; in a grid where nobody lives, to the
    first beat that any of it was given to.

    Parameters
    ----------
    beat, small, households : ndarray of int64, shape (n,)
        Of each atom; a beat of -1 is none.
    """
    order = np.lexsort((beat, -households, beat < 0, small))
    first = order[np.unique(small[order], return_index=True)[1]]
    return np.asarray(beat[first][np.unique(small, return_inverse=True)[1]], np.int64)


def workers_frame(
    beat: IntArray, small: ObjectArray, large: ObjectArray, *, households: IntArray,
    former: ObjectArray, band: Band,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Return the layer ``workers`` and the roster.

    Parameters
    ----------
    beat : ndarray of int64, shape (n,)
        Beat of each atom; -1 for none.
    small, large : ndarray of str objects, shape (n,)
        Codes of the grids of each atom.
    households : ndarray of int64, shape (n,)
    former : ndarray of str objects, shape (n,)
        Worker who looked after each atom so far; None for nobody.
    band : Band

    Returns
    -------
    workers : DataFrame
        `worker_code`, `grid_code`: one row per small grid of a beat, by worker and grid.
    roster : DataFrame
        One row per worker: `worker_code`, `large_code`, `grids`, `households`, `in_band`,
        `kept_households` (looked after by the same worker so far).
    """
    assigned = np.flatnonzero(beat >= 0)
    names, first, which = np.unique(beat[assigned], return_index=True, return_inverse=True)
    community = large[assigned[first]]
    code = _post_codes(which, community, former[assigned], households[assigned])
    rows = pd.DataFrame(
        {"worker_code": code[which], "grid_code": small[assigned]}
    ).drop_duplicates()
    load = np.bincount(which, weights=households[assigned], minlength=len(names)).astype(np.int64)
    kept = former[assigned] == code[which]
    roster = pd.DataFrame(
        {
            "worker_code": code,
            "large_code": community,
            "grids": rows.groupby("worker_code").size().reindex(code, fill_value=0).to_numpy(),
            "households": load,
            "in_band": (load >= band.low) & (load <= band.high),
            "kept_households": np.bincount(
                which, weights=np.where(kept, households[assigned], 0), minlength=len(names)
            ).astype(np.int64),
        }
    )
    return (
        rows.sort_values(["worker_code", "grid_code"], ignore_index=True),
        roster.sort_values("worker_code", ignore_index=True),
    )


def _post_codes(
    beat: IntArray, community: ObjectArray, former: ObjectArray, households: IntArray
) -> ObjectArray:
    """Return the code of each beat: its former worker's where possible, else the next number.

    Workers keep the beat they know best: the sum of households that stay with their worker is the
    largest there is. A new post has the code of its large grid, W, and two digits or more.
    """
    code = np.full(len(community), None, dtype=object)
    is_known = np.array([f is not None for f in former], dtype=np.bool_) & (households > 0)
    if is_known.any():
        workers, old = np.unique(former[is_known].astype(str), return_inverse=True)
        key, which = np.unique(old * len(community) + beat[is_known], return_inverse=True)
        overlap = np.bincount(which, weights=households[is_known]).astype(np.int64)
        pairs = np.column_stack([key // len(community), key % len(community)])
        for worker, new in _best_matching(pairs, overlap, len(workers), len(community)):
            code[new] = str(workers[worker])
    taken, last = set(code[code != np.array(None)]), dict.fromkeys(community, 0)
    for place in range(len(community)):
        if code[place] is None:
            while True:
                last[community[place]] += 1
                new_code = f"{community[place]}W{last[community[place]]:02d}"
                if new_code not in taken:
                    break
            code[place] = new_code
    return code


def _best_matching(pairs: IntArray, overlap: IntArray, n: int, m: int) -> list[tuple[int, int]]:
    """Return the pairs (worker, beat) of the largest sum of overlaps, each used once."""
    part = connected_labels(n + m, pairs + np.array([0, n]))[pairs[:, 0]]
    matches: list[tuple[int, int]] = []
    for each in np.unique(part):
        some = np.flatnonzero(part == each)
        rows, row = np.unique(pairs[some, 0], return_inverse=True)
        columns, column = np.unique(pairs[some, 1], return_inverse=True)
        table = np.zeros((len(rows), len(columns)))
        table[row, column] = overlap[some]
        best = linear_sum_assignment(table, maximize=True)
        matches += [
            (int(rows[r]), int(columns[c])) for r, c in zip(*best, strict=True) if table[r, c] > 0
        ]
    return matches
