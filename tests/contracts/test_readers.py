"""Who reads sees one revision from start to end, whoever writes meanwhile."""

import threading
from dataclasses import replace

import pytest

from boundaries.store.open import open_store
from geo.errors import ConflictError
from tests.contracts.test_store import assert_layers_equal
from tests.scenes import tiny_district
from tests.waiting import PATIENCE_S

CODE = "371602"
DISTRICT, LAYERS = tiny_district()
OTHER = replace(
    LAYERS,
    grids=LAYERS.grids.assign(name_en="other"),
    buildings=LAYERS.buildings.assign(households=1),
    gates=LAYERS.gates.assign(access="closed"),
    workers=LAYERS.workers.iloc[:1],
)


def test_a_reader_in_the_middle_of_a_write_sees_one_revision(town, address):
    reader = open_store(address)
    begun, go_on = threading.Event(), threading.Event()
    fetch = reader.fetch

    def slowly(connection, table, columns, where, values):
        rows = fetch(connection, table, columns, where, values)
        if table.name == "buildings":
            begun.set()
            assert go_on.wait(PATIENCE_S)
        return rows

    reader.fetch = slowly  # the real one, with a pause after the second layer
    found = []
    reading = threading.Thread(target=lambda: found.append(reader.snapshot(CODE)))
    writing = threading.Thread(target=lambda: found.append(town.replace(DISTRICT, OTHER)))
    reading.start()
    assert begun.wait(PATIENCE_S)
    writing.start()
    writing.join(0.3)  # a file's writer waits for its readers; a server's does not
    go_on.set()
    reading.join(PATIENCE_S)
    writing.join(PATIENCE_S)
    (district, layers) = next(each for each in found if each != 2)
    assert district.revision == 1
    assert_layers_equal(layers, LAYERS)
    assert 2 in found
    assert_layers_equal(reader.snapshot(CODE)[1], OTHER)
    reader.close()


def test_of_many_who_edit_one_feature_one_wins_each_round(town, address):
    won, rounds, editors = [], 5, 4
    gate = threading.Barrier(editors)

    def edit(number: int) -> None:
        mine = open_store(address)
        for turn in range(rounds):
            gate.wait(PATIENCE_S)
            seen = mine.versions(CODE, "gates", "g1")[0].since
            gate.wait(PATIENCE_S)
            put = LAYERS.gates.assign(name=f"{number} in {turn}")
            try:
                won.append((mine.edit(CODE, "gates", put=put, expected={"g1": seen}), turn))
            except ConflictError:
                continue
        mine.close()

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(editors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert sorted(won) == [(turn + 2, turn) for turn in range(rounds)]
    log = [record.after["gates"]["g1"]["name"] for record in town.changes(CODE)[:-1]]
    states = [version.content["name"] for version in town.versions(CODE, "gates", "g1")]
    assert states == [*log, "南门"]


@pytest.mark.parametrize("layer", ["buildings", "walk_edges"])
def test_an_edit_reads_only_what_it_names(town, layer):
    rows, fetch = [], town.fetch

    def counted(*arguments):
        found = fetch(*arguments)
        rows.extend(found if arguments[1].name == layer else [])
        return found

    town.fetch = counted
    frame = getattr(LAYERS, layer).iloc[:2].assign(name="new")
    assert town.edit(CODE, layer, put=frame) == 2
    assert len(rows) == 2
