"""The table of jobs: one wins, what is over stays as it is, nothing runs that nobody runs."""

from datetime import datetime, timedelta, tzinfo
from threading import Barrier, Thread

import pytest
from sqlalchemy import event

from api.jobs.answers import seconds_left
from boundaries.store.jobs import clock
from boundaries.store.jobs.job_table import JobTable
from boundaries.store.open import open_store
from boundaries.store.tables.record_tables import JobState
from boundaries.store.tables.records import Commit
from geo.errors import ConflictError, NotFoundError
from tests.scenes import tiny_district


@pytest.fixture
def table(store) -> JobTable:
    return JobTable(store, "one")


def test_a_job_from_first_to_last(table):
    file = {"filename": "grids.gpkg", "bytes": 5, "sha256": "0" * 64}
    made = table.submit("import", {"layer": "grids"}, district="7", actor="Li", upload=file,
                        request_id="r-1")  # fmt: skip
    assert (made.state, made.progress, made.live) == (JobState.QUEUED, 0.0, True)
    assert (made.parameters, made.district, made.actor) == ({"layer": "grids"}, "7", "Li")
    assert (made.upload, made.request_id) == (file, "r-1")
    assert table.waiting() == made.job
    assert not table.report(made.job, 0.5, "not yet")
    assert table.claim(made.job)
    assert table.waiting() is None
    assert table.report(made.job, 0.5, "half")
    half = table.job(made.job)
    assert (half.state, half.progress, str(half.message)) == (JobState.RUNNING, 0.5, "half")
    assert half.started_at >= half.created_at
    assert table.finish(made.job, JobState.DONE, result={"revision": 2})
    done = table.job(made.job)
    assert (done.state, done.progress, done.result) == (JobState.DONE, 1.0, {"revision": 2})
    assert done.finished_at >= done.started_at
    assert done.upload == file


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


def test_a_job_waits_for_who_has_its_file_and_knows_its_kind(table):
    here, there = (table.submit("import", {}, spool=spool).job for spool in ("here", "there"))
    other = table.submit("coverage", {}).job
    assert table.waiting() == other
    assert table.waiting(spool="there") == there
    assert table.waiting({"coverage"}, spool="there") == other
    assert table.waiting({"draw"}, spool="there") is None
    assert table.waiting(spool="here") == here
    assert table.live([here, there, "gone"]) == {here, there}
    assert table.stranded("there") == [here]


def test_a_queue_takes_no_more_than_its_length_however_many_push(address, store):
    tables, together = [JobTable(open_store(address), f"p{n}") for n in range(6)], Barrier(6)
    made = []

    def submit(table: JobTable) -> None:
        together.wait()
        made.append(table.submit("import", {}, most=3))

    threads = [Thread(target=submit, args=(table,)) for table in tables]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(job is not None for job in made) == tables[0].queued() == 3
    for table in tables:
        table.store.close()


def test_lists_never_read_what_may_be_large(table):
    made = table.submit("import", {"keep": ["x" * 1_000]}).job
    table.claim(made)
    table.finish(made, JobState.DONE, result={"rejected": ["x" * 1_000]})
    asked: list[str] = []
    engine = table.store.engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert [job.job for job in table.jobs()] == [made]
    assert not [text for text in asked if "parameters" in text or "result" in text]


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
    assert str(table.job(running).message) == "gone"
    assert table.job(mine.job).state == JobState.QUEUED
    assert table.job(over).state == JobState.DONE
    assert not other.finish(running, JobState.DONE)


def test_a_beat_is_of_the_live_jobs_of_one_process(store, table):
    other = JobTable(store, "two")
    job, theirs = table.submit("a", {}), other.submit("a", {})
    table.heartbeat()
    assert table.job(job.job).beat_at >= job.beat_at
    assert table.job(theirs.job).beat_at == theirs.beat_at


@pytest.mark.parametrize("hours", [-1, 1])
def test_no_host_whose_clock_is_wrong_takes_the_living_for_gone(postgis, monkeypatch, hours):
    """The clock of the server counts, for who writes a beat and for who judges it."""
    address = postgis.new_database()
    one, two = (JobTable(open_store(address, create=True), name) for name in ("one", "two"))

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(hours=hours)

    silent: list[float] = []

    def heard(table: JobTable) -> float:
        table.interrupt(lambda _, silent_s: silent.append(silent_s) or False, message="")
        return silent.pop()

    job = one.submit("import", {}).job
    with monkeypatch.context() as patch:
        patch.setattr(clock, "datetime", Wrong)
        assert 0 <= heard(two) < 600
        assert two.claim(job)
        two.report(job, 0.5, "half")
        assert 0 <= seconds_left(two.job(job)) < 600
        two.heartbeat()
    assert 0 <= heard(one) < 600
    running = one.job(job)
    assert running.started_at <= running.read_at
    assert 0 <= seconds_left(running) < 600
    assert [seconds_left(each) < 600 for each in one.jobs()] == [True]
    assert one.finish(job, JobState.DONE)
    done = one.job(job)
    assert done.created_at <= done.started_at <= done.finished_at
    assert one.prune(0.02) == 0
    for table in (one, two):
        table.store.close()
    postgis.drop(address)


def test_a_job_is_done_if_and_only_if_its_work_is_stored(store, table):
    job = table.submit("import", {}).job
    table.claim(job)
    commit = Commit(
        before_commit=lambda connection, _, revision: table.mark_done(
            connection, job, {"r": revision}
        )
    )
    assert store.replace(*tiny_district(), commit=commit) == 1
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
    commit = Commit(before_commit=lambda connection, _, __: service.mark_done(connection, job, {}))
    with pytest.raises(ConflictError, match=f"Job {job}.*Nothing was changed"):
        store.replace(*tiny_district(), commit=commit)
    assert store.districts() == []


def test_old_jobs_are_forgotten(table):
    over, live = table.submit("a", {}).job, table.submit("a", {}).job
    table.finish(over, JobState.DONE)
    assert table.prune(1) == 0
    assert table.prune(-1) == 1
    assert [job.job for job in table.jobs()] == [live]
