"""Every pair of kinds of fault put into a clean plan: what the check finds, what the repair leaves.

Run: ``python -m benchmarks fault_pairs``; the kinds are those of ``tests/faulty_plans.py``.
"""

from collections import Counter
from itertools import combinations_with_replacement

import shapely

from benchmarks.measuring import Table
from geo.grids.checks.faults import GridFault
from geo.grids.checks.plan_check import check_grids
from geo.grids.checks.repair import repair
from tests.faulty_plans import KINDS, ODDITIES, Kind, Scene, scene, spots
from tests.plans import DISTRICT, SCHEME

Wanted = list[tuple[Kind, tuple[str, ...]]]
_MEASURED = ("faults put in", "found", "false alarms", "grids lost", "mended kinds left", "crashes")


def tables() -> list[Table]:
    """Count over every pair, with an oddity beside each in turn."""
    clean = scene()
    places = spots(clean.grids)
    total: Counter[str] = Counter()
    for number, pair in enumerate(combinations_with_replacement(KINDS, 2)):
        at = ODDITIES[number % len(ODDITIES)](clean, places[2])
        wanted: Wanted = []
        for name, spot in zip(pair, places, strict=False):
            at, codes = KINDS[name].inject(at, spot)
            wanted.append((KINDS[name], codes))
        total["pairs"] += 1
        try:
            total.update(_judged(at, wanted))
        except Exception as error:  # noqa: BLE001 - a crash is what is counted
            total["crashes"] += 1
            print(f"{pair}: {type(error).__name__}: {error}")
    table = Table(
        "Faults of a grid plan in pairs",
        f"{len(KINDS)} kinds of fault (`tests/faulty_plans.py`), every pair of them in one plan "
        f"beside one of {len(ODDITIES)} oddities that are no fault; then a repair and a check.",
        ["pairs", *_MEASURED],
    )
    table.rows.append([str(total[each]) for each in ("pairs", *_MEASURED)])
    return [table]


def _judged(at: Scene, wanted: Wanted) -> dict[str, int]:
    """Return what the check and the repair make of one pair."""
    ground = {
        "district": DISTRICT, "buildings": at.homes, "barriers": at.walls, "scheme": SCHEME,
        "retired": at.retired,
    }  # fmt: skip
    faults: list[GridFault] = [each for each in check_grids(at.grids, **ground) if each.grave]
    named = [(fault.rule, set(fault.codes)) for fault in faults]
    allowed = {rule for kind, _ in wanted for rule in kind.also}
    done = repair(at.grids, **ground)
    left = [fault for fault in done.left if fault.grave]
    told = [str(done.renumbered.get(code, code)) for code in at.grids["code"]]
    drawn = (~shapely.is_empty(each.geometry.dropna()) for each in (at.grids, done.grids))
    shapes = [int(each.sum()) for each in drawn]
    mends = all(kind.mends for kind, _ in wanted)
    return {
        "faults put in": len(wanted),
        "found": sum(
            any(rule is kind.rule and set(codes) <= own for rule, own in named)
            for kind, codes in wanted
        ),
        "false alarms": sum(rule not in allowed for rule, _ in named),
        "grids lost": int(
            sorted(told) != sorted(map(str, done.grids["code"])) or shapes[0] != shapes[1]
        ),
        "mended kinds left": len(left) if mends else 0,
    }
