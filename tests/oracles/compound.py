"""The fewest cut borders of a compound, proven: every connected grid in the band, and CP-SAT."""

from ortools.sat.python import cp_model

from geo.arrays import IntArray


def fewest_cuts(
    households: list[int], pairs: IntArray, low: int, high: int, *, seconds: float = 20.0
) -> int | None:
    """Return the fewest borders between grids of `low` to `high` households; None if none fit.

    Parameters
    ----------
    households : list of int
        Of each building.
    pairs : ndarray of int64, shape (b, 2)
        Buildings that share a border.
    """
    grids, beside = _grids(households, pairs, low, high)
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in grids]
    for i in range(len(households)):
        model.add_exactly_one([v for v, grid in zip(chosen, grids, strict=True) if grid >> i & 1])
    model.minimize(sum(_outer(grid, beside) * v for v, grid in zip(chosen, grids, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = seconds
    if solver.solve(model) != cp_model.OPTIMAL:
        return None
    return round(solver.objective_value) // 2  # each cut border is counted from both sides


def _outer(grid: int, beside: list[int]) -> int:
    """Return the borders that lead out of a grid."""
    return sum((beside[i] & ~grid).bit_count() for i in range(len(beside)) if grid >> i & 1)


def _grids(
    households: list[int], pairs: IntArray, low: int, high: int
) -> tuple[list[int], list[int]]:
    """Return every connected set of buildings in the band, as bits, and who borders on whom."""
    n = len(households)
    beside = [0] * n
    for one, two in pairs.tolist():
        beside[one] |= 1 << two
        beside[two] |= 1 << one
    found: list[int] = []

    def grow(grid: int, total: int, front: int, banned: int) -> None:
        if total >= low:
            found.append(grid)
        while front:
            bit = front & -front
            front ^= bit
            banned |= bit
            i = bit.bit_length() - 1
            if total + households[i] <= high:
                more = (front | beside[i]) & ~banned & ~(grid | bit)
                grow(grid | bit, total + households[i], more, banned)

    for i in range(n):
        earlier = (1 << i) - 1
        if households[i] <= high:
            grow(1 << i, households[i], beside[i] & ~earlier, earlier | 1 << i)
    return sorted(found), beside
