"""The table of jobs: one wins, what is over stays as it is, nothing runs that nobody runs."""

from threading import Barrier, Thread

import pytest

from boundaries.store.jobs import JobTable
from boundaries.store.open import open_store
from boundaries.store.tables.record_tables import JobState
from boundaries.store.tables.records import Deed
from geo.errors import ConflictError, NotFoundError
from tests.scenes import tiny_district


@pytest.fixture
def table(store) -> JobTable:
    return JobTable(store, "one")


def test_a_job_from_first_to_last(table):
    made = table.submit("import", {"layer": "grids"}, district="7", actor="Li", content=b"\0file")
    assert (made.state, made.progress, made.live) == (JobState.QUEUED, 0.0, True)
    assert (made.parameters, made.district, made.actor) == ({"layer": "grids"}, "7", "Li")
    assert table.content(made.job) == b"\0file"
    assert table.waiting() == made.job
    assert not table.report(made.job, 0.5, "not yet")
    assert table.claim(made.job)
    assert table.waiting() is None
    assert table.report(made.job, 0.5, "half")
    half = table.job(made.job)
    assert (half.state, half.progress, half.message) == (JobState.RUNNING, 0.5, "half")
    assert half.started_at >= half.created_at
    assert table.finish(made.job, JobState.DONE, result={"revision": 2})
    done = table.job(made.job)
    assert (done.state, done.progress, done.result) == (JobState.DONE, 1.0, {"revision": 2})
    assert done.finished_at >= done.started_at
    assert table.content(made.job) == b""


def test_what_is_over_stays_as_it_is(table):
    job = table.submit("import", {}).job
    assert table.finish(job, JobState.FAILED, error={"detail": "no"}, message="no")
    assert not table.claim(job)
    assert not table.report(job, 0.1, "")
    assert not table.finish(job, JobState.DONE)
    with pytest.raises(ConflictError, match="is failed already"):
        table.cancel(job)
    assert (table.job(job).state, table.job(job).error) == (JobState.FAILED, {"detail": "no"})


def test_cancelling_twice_is_cancelling(table):
    job = table.submit("import", {}).job
    assert table.cancel(job).state == table.cancel(job).state == JobState.CANCELLED
    with pytest.raises(NotFoundError, match=r"'nothing'.*lifecircle jobs"):
        table.cancel("nothing")


def test_the_oldest_goes_first_and_lists_are_newest_first(table):
    names = [table.submit("import", {}, district=str(n)).job for n in range(3)]
    assert table.waiting() == names[0]
    assert [job.job for job in table.jobs()] == names[::-1]
    assert [job.job for job in table.jobs(limit=1)] == names[2:]
    assert [job.job for job in table.jobs(district="1")] == [names[1]]
    table.cancel(names[1])
    assert table.mine() == set()
    table.claim(names[2])
    assert table.mine() == {names[2]}
    assert JobTable(table.store, "two").mine() == set()


def test_two_processes_never_run_one_job_twice(address, store):
    tables = [JobTable(open_store(address), f"p{n}") for n in range(6)]
    job = tables[0].submit("import", {}).job
    together, won = Barrier(len(tables)), []

    def claim(table: JobTable) -> None:
        together.wait()
        if table.claim(job):
            won.append(table.service)

    threads = [Thread(target=claim, args=(table,)) for table in tables]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert tables[0].job(job).service == won[0]
    for table in tables:
        table.store.close()


def test_jobs_of_who_is_gone_are_interrupted(store, table):
    other = JobTable(store, "two")
    running, queued, mine = (
        other.submit("a", {}).job,
        other.submit("a", {}).job,
        table.submit("a", {}),
    )
    other.claim(running)
    over = other.submit("a", {}).job
    other.finish(over, JobState.DONE)
    assert table.interrupt(lambda _, silent_s: silent_s > 60, message="gone") == []
    lost = table.interrupt(lambda service, _: service == "two", message="gone")
    assert set(lost) == {running, queued}
    assert {table.job(name).state for name in lost} == {JobState.INTERRUPTED}
    assert table.job(running).message == "gone"
    assert table.job(mine.job).state == JobState.QUEUED
    assert table.job(over).state == JobState.DONE
    assert not other.finish(running, JobState.DONE)


def test_a_beat_is_of_the_live_jobs_of_one_process(store, table):
    other = JobTable(store, "two")
    job, theirs = table.submit("a", {}), other.submit("a", {})
    table.heartbeat()
    assert table.job(job.job).beat_at >= job.beat_at
    assert table.job(theirs.job).beat_at == theirs.beat_at


def test_a_job_is_done_if_and_only_if_its_work_is_stored(store, table):
    job = table.submit("import", {}).job
    table.claim(job)
    deed = Deed(seal=lambda connection, _, revision: table.seal(connection, job, {"r": revision}))
    assert store.replace(*tiny_district(), deed=deed) == 1
    assert (table.job(job).state, table.job(job).result) == (JobState.DONE, {"r": 1})


@pytest.mark.parametrize("how", ["cancelled", "interrupted", "taken"])
def test_the_work_of_a_job_that_is_no_longer_ours_is_undone(store, table, how):
    job = table.submit("import", {}).job
    table.claim(job)
    if how == "cancelled":
        table.cancel(job)
    if how == "interrupted":
        table.interrupt(lambda *_: True, message="")
    service = JobTable(store, "two") if how == "taken" else table
    deed = Deed(seal=lambda connection, _, __: service.seal(connection, job, {}))
    with pytest.raises(ConflictError, match=f"Job {job}.*Nothing was changed"):
        store.replace(*tiny_district(), deed=deed)
    assert store.districts() == []


def test_old_jobs_are_forgotten(table):
    over, live = table.submit("a", {}).job, table.submit("a", {}).job
    table.finish(over, JobState.DONE)
    assert table.prune(1) == 0
    assert table.prune(-1) == 1
    assert [job.job for job in table.jobs()] == [live]
