"""Many writers and readers at once: no update is lost, no reader sees half of one.

Every edit moves one household from a building to another. So the sum never changes, and whoever
sees another sum has seen half an edit. Set ``LIFECIRCLE_SOAK_S=120`` for the long run.
"""

import json
import os
import random
import time
from collections import Counter
from pathlib import Path

from boundaries.store.interface import Store
from boundaries.store.open import open_store
from boundaries.store.tables.records import Commit, StaleError
from geo.errors import ConflictError
from tests.contracts.forking import FORK
from tests.scenes import tiny_district

CODE = "371602"
WRITERS, READERS = 8, 16
SECONDS = float(os.environ.get("LIFECIRCLE_SOAK_S", "8"))
EACH = 1_000
"""Households of every building at first: more than are ever moved away."""

DISTRICT, LAYERS = tiny_district()
KEYS = LAYERS.buildings["building_id"].tolist()


def move(store: Store, chance: random.Random, actor: str) -> tuple[int, str, str] | None:
    """Move a household between two buildings as they were seen; None if they changed meanwhile."""
    giver, taker = chance.sample(KEYS, 2)
    seen = {key: store.versions(CODE, "buildings", key)[0] for key in (giver, taker)}
    rows = LAYERS.buildings[LAYERS.buildings["building_id"].isin(seen)].copy()
    change = {giver: -1, taker: 1}
    rows["households"] = [
        seen[key].content["households"] + change[key] for key in rows["building_id"]
    ]
    try:
        revision = store.edit(
            CODE, "buildings", put=rows, commit=Commit("move", actor),
            expected={key: version.since for key, version in seen.items()},
        )  # fmt: skip
    except StaleError:
        return None
    return revision, giver, taker


def write(address: str, folder: str, number: int) -> None:
    """Move households until the time is over, and note what was accepted."""
    store, chance = open_store(address), random.Random(number)  # noqa: S311 - not secrets
    accepted, refused, end = [], 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            done = move(store, chance, f"writer {number}")
        except ConflictError:  # told in one sentence, and nothing was changed
            done = None
        accepted += [done] if done else []
        refused += done is None
    told = {"accepted": accepted, "refused": refused}
    Path(folder, f"writer-{number}.json").write_text(json.dumps(told))
    store.close()


def read(address: str, folder: str, number: int) -> None:
    """Read until the time is over, and note what was seen."""
    store, seen, torn, reads = open_store(address), 0, 0, 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        district, layers = store.snapshot(CODE)
        torn += int(layers.buildings["households"].sum()) != EACH * len(KEYS)
        torn += district.revision < seen
        seen, reads = district.revision, reads + 1
    told = {"torn": torn, "reads": reads, "seen": seen}
    Path(folder, f"reader-{number}.json").write_text(json.dumps(told))
    store.close()


def test_nothing_is_lost_and_nothing_is_torn(address, tmp_path, record_property):
    store = open_store(address, create=True)
    buildings = LAYERS.buildings.assign(households=EACH)
    store.replace(DISTRICT, LAYERS)
    store.replace_layer(CODE, "buildings", buildings)
    work = [(write, n) for n in range(WRITERS)] + [(read, n) for n in range(READERS)]
    running = [FORK.Process(target=do, args=(address, str(tmp_path), n)) for do, n in work]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0] * len(running)
    writers = [json.loads(p.read_text()) for p in sorted(tmp_path.glob("writer-*.json"))]
    readers = [json.loads(p.read_text()) for p in sorted(tmp_path.glob("reader-*.json"))]
    assert (len(writers), len(readers)) == (WRITERS, READERS)
    assert sum(each["torn"] for each in readers) == 0
    assert all(each["reads"] for each in readers)

    accepted = sorted(tuple(each) for writer in writers for each in writer["accepted"])
    assert accepted
    assert [revision for revision, _, _ in accepted] == list(range(3, len(accepted) + 3))
    balance = Counter(dict.fromkeys(KEYS, EACH))
    for _, giver, taker in accepted:
        balance[giver] -= 1
        balance[taker] += 1
    district, layers = store.snapshot(CODE)
    assert district.revision == len(accepted) + 2
    there = dict(zip(layers.buildings["building_id"], layers.buildings["households"], strict=True))
    assert there == dict(balance)
    log = store.changes(CODE)
    assert [record.revision for record in log] == list(range(district.revision, 0, -1))
    assert {record.actor for record in log[:-2]} <= {f"writer {n}" for n in range(WRITERS)}
    store.close()
    record_property("edits accepted", len(accepted))
    record_property("edits refused", sum(each["refused"] for each in writers))
    record_property("snapshots read", sum(each["reads"] for each in readers))
