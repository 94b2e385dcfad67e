"""A job that misbehaves is ended by a limit that its error names, and the next one runs."""

import ctypes
import json
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app as cli
from api.job_handlers import HANDLERS
from api.jobs.limits import Limits, read_limits
from api.jobs.processes import process
from api.jobs.processes.confinement import descendants, hide_from_others
from api.jobs.runner import Jobs
from api.jobs.task import Handler, Task
from api.logs import lines_of
from api.settings import read_settings
from boundaries.store.jobs.job import Job
from boundaries.store.open import open_store
from geo.errors import InputError
from tests.attacks import hostile_jobs as hostile
from tests.attacks.test_logs import Log, logging_to
from tests.contracts.forking import FORK, ForkedJob
from tests.guardian import alive
from tests.scenes import tiny_store
from tests.stores import empty_store
from tests.waiting import wait_until

MEMORY, WRITTEN = 200_000_000, 3_000_000
SHORT = Limits(wall_s=1)
ENDS: dict[Callable[[Task], dict], tuple[Limits, str]] = {
    hostile.eat_memory: (Limits(memory_bytes=MEMORY), "memory_bytes"),
    hostile.eat_shared_memory: (Limits(memory_bytes=MEMORY), "memory_bytes"),
    hostile.spin: (Limits(cpu_s=1), "cpu_s"),
    hostile.spin_in_c: (SHORT, "wall_s"),
    hostile.read_an_endless_view: (SHORT, "wall_s"),
    hostile.sleep: (SHORT, "wall_s"),
    hostile.hold_the_database: (SHORT, "wall_s"),
    hostile.stop_itself: (SHORT, "wall_s"),
    hostile.ignore_every_signal: (SHORT, "wall_s"),
    hostile.stop_within_a_message: (SHORT, "wall_s"),
    hostile.fork_many: (Limits(processes=8), "processes"),
    hostile.write_a_large_file: (Limits(written_bytes=WRITTEN), "written_bytes"),
    hostile.write_many_files: (Limits(written_bytes=WRITTEN), "written_bytes"),
    hostile.open_many_files: (Limits(open_files=64), "open_files"),
}
"""What ends by a limit, and by which."""

DIES = {
    hostile.eat_memory_in_c: "by signal 6 before it was done. It may have met its limit of memory",
    hostile.end_without_a_word: "with code 0 before it was done",
    hostile.send_rubbish: "by signal 9 before it was done",
    hostile.send_a_pickle: "by signal 9 before it was done",
}
KINDS = {
    **{do.__name__: Handler(do, limits) for do, (limits, _) in ENDS.items()},
    **{
        do.__name__: Handler(do)
        for do in (
            *DIES,
            hostile.behave,
            hostile.tell_all,
            hostile.say_and_sleep,
            hostile.divide_by_zero,
        )
    },
    "leave_a_daemon": Handler(hostile.leave_a_daemon, SHORT),
}
SECRET = "swordfish-of-the-service"  # noqa: S105


@pytest.fixture
def store_path(tmp_path: Path) -> str:
    """Return the path of an empty store."""
    empty_store(tmp_path / "store.gpkg").close()
    return str(tmp_path / "store.gpkg")


@pytest.fixture(scope="module")
def forked_jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """Return the jobs of a service that does one at a time."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "start_child", ForkedJob)
        yield from _minded(folder)


@pytest.fixture
def spawning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start new interpreters, as a service does, and give it secrets."""
    monkeypatch.setattr(process, "start_child", process.Spawned)
    for name in ("LIFECIRCLE_DB", "LIFECIRCLE_SESSION_SECRET", "PGPASSWORD", "OTHER_TOKEN"):
        monkeypatch.setenv(name, SECRET)


@pytest.fixture
def spawned_jobs(tmp_path: Path, spawning: None) -> Iterator[Jobs]:
    """Return the jobs of a service that starts new interpreters."""
    yield from _minded(tmp_path, log_format="json")


def _minded(folder: Path, **settings: object) -> Iterator[Jobs]:
    path, spool = str(folder / "store.gpkg"), str(folder / "spool")
    store = tiny_store(path)
    jobs = Jobs(read_settings(db=path, spool=spool, **settings), store, KINDS)
    jobs.start()
    yield jobs
    jobs.stop()
    store.close()


def done(jobs: Jobs, do: Callable[[Task], dict] | str, **parameters: object) -> Job:
    """Submit a job and wait until it is over."""
    made = jobs.submit(do if isinstance(do, str) else do.__name__, parameters)
    wait_until(lambda: not jobs.table.job(made.job).live, f"{do} never ends")
    return jobs.table.job(made.job)


def the_next_one_runs(jobs: Jobs) -> None:
    assert done(jobs, hostile.behave).result == {"kind": "behave"}
    wait_until(lambda: not jobs._running, "a process is left")
    assert jobs.spool.jobs() == set()


@pytest.mark.parametrize("do", ENDS, ids=lambda do: do.__name__)
def test_a_job_that_takes_too_much_is_ended_by_the_limit_that_it_met(forked_jobs, do):
    limits, limit = ENDS[do]
    job = done(forked_jobs, do)
    assert (job.state, job.error["status"]) == ("failed", 422)
    assert job.error["type"] == "urn:lifecircle:problem:job-limit"
    assert job.error["limit"] == {"name": limit, "value": getattr(limits, limit)}
    assert f"{getattr(limits, limit):,}" in str(job.message)
    assert f"LIFECIRCLE_JOB_LIMITS={do.__name__}.{limit}=N" in str(job.message)
    the_next_one_runs(forked_jobs)


@pytest.mark.parametrize("do", DIES, ids=lambda do: do.__name__)
def test_a_process_that_dies_is_told_of_and_harms_nobody(forked_jobs, do):
    job = done(forked_jobs, do)
    assert (job.state, job.error["type"]) == ("failed", "urn:lifecircle:problem:job-died")
    assert DIES[do] in str(job.message)
    the_next_one_runs(forked_jobs)
    assert not list(forked_jobs.spool.open().parent.rglob("*-was-run"))


def test_what_a_job_starts_ends_with_it(forked_jobs, tmp_path):
    note = tmp_path / "note"
    job = done(forked_jobs, hostile.leave_a_daemon, note=str(note))
    assert job.error["limit"]["name"] == "wall_s"
    wait_until(lambda: not alive(note.read_text()), "a daemon outlives its job")
    the_next_one_runs(forked_jobs)


def test_a_job_that_hears_nothing_is_cancelled_all_the_same(forked_jobs):
    made = forked_jobs.submit("say_and_sleep", {}).job
    wait_until(lambda: str(forked_jobs.table.job(made).message) == "asleep", "it never starts")
    os.kill(forked_jobs._running[made].child.pid, signal.SIGSTOP)
    assert forked_jobs.cancel(made).state == "cancelled"
    the_next_one_runs(forked_jobs)


def test_what_is_logged_of_a_job_names_its_request_and_its_actor(spawned_jobs, capfd):
    log = Log()
    with logging_to(log):
        with lines_of("the-request"):
            made = spawned_jobs.submit("divide_by_zero", {}, actor="paul").job
        named = {"request_id": "the-request", "actor": "paul", "job": made}
        log.line(event="job started", kind="divide_by_zero", **named)
        log.line(event="job over", state="failed", **named)
    job = spawned_jobs.table.job(made)
    assert (job.request_id, job.error["request_id"]) == ("the-request", "the-request")
    (told,) = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert told.items() >= {**named, "logger": "lifecircle.job"}.items()
    assert "ZeroDivisionError" in told["exception"]


def test_a_job_that_nobody_asked_for_by_a_request_names_none(spawned_jobs):
    log = Log()
    with logging_to(log):
        made = spawned_jobs.submit("behave", {}).job
        assert "request_id" not in log.line(event="job over", state="done", job=made)


def test_a_job_sees_no_secret_of_its_service(spawned_jobs):
    seen = done(spawned_jobs, hostile.tell_all).result
    names = {variable.partition("=")[0] for variable in seen["environ"]}
    assert SECRET not in str(seen)
    assert not {name for name in names if name.startswith(("LIFECIRCLE_", "PG"))}
    assert "OTHER_TOKEN" not in names
    assert {"PATH", "TMPDIR", "PYTHONPATH"} <= names
    assert (seen["no_new_privileges"], seen["core"]) == (True, [0, 0])
    assert seen["niceness"] >= 5
    assert (seen["mode"], seen["temporary"]) == ("0o700", True)


def test_the_password_of_the_database_is_in_no_place_that_others_read(
    postgis, tmp_path, spawning, monkeypatch
):
    """It reaches the process through the pipe: it works, and /proc has no trace of it."""
    address = postgis.new_database()
    with_password = address.replace("@/", f":{SECRET}@/")
    monkeypatch.setenv("LIFECIRCLE_DB", with_password)
    store = open_store(with_password, create=True)
    jobs = Jobs(read_settings(spool=str(tmp_path / "spool")), store, KINDS)
    jobs.start()
    seen = done(jobs, hostile.tell_all).result
    jobs.stop()
    store.close()
    postgis.drop(address)
    assert SECRET in seen.pop("settings")
    assert SECRET not in str(seen)


def test_a_job_dies_with_the_thread_that_minds_it(forked_jobs):
    made = forked_jobs.submit("sleep", {}).job
    wait_until(lambda: made in forked_jobs._running, "it never starts")
    pid = forked_jobs._running[made].child.pid
    assert descendants(os.getpid()) != []
    forked_jobs.stop()
    assert not alive(pid)
    assert forked_jobs.table.job(made).state == "interrupted"
    forked_jobs.start()
    the_next_one_runs(forked_jobs)


def _reads_the_service(hidden, said: Connection) -> None:
    """As a service of an account that is not root, and a job of the same account."""
    if os.geteuid() == 0:
        os.setgid(65_534)
        os.setuid(65_534)
    set_dumpable(1)
    if hidden:
        hide_from_others()
    service = os.getpid()
    if os.fork() == 0:
        set_dumpable(1)
        try:
            said.send(len(Path(f"/proc/{service}/environ").read_bytes()))
        except PermissionError:
            said.send("refused")
        os._exit(0)
    os.wait()


def set_dumpable(whether: int) -> None:
    ctypes.CDLL(None).prctl(4, whether, 0, 0, 0)


@pytest.mark.parametrize("hidden", [True, False])
def test_a_job_cannot_read_the_variables_of_its_service(hidden):
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=_reads_the_service, args=(hidden, theirs))
    process.start()
    assert (ours.recv() == "refused") is hidden
    process.join()


@pytest.mark.parametrize(
    "text",
    ["wall_s", "wall_s=0", "wall_s=-1", "wall_s=x", "wall_s=1e999", "import.walls=3", "x.wall_s=3"],
)
def test_a_limit_that_is_none_is_refused_before_anything_runs(text):
    with pytest.raises(InputError, match=r"LIFECIRCLE_JOB_LIMITS has .*memory_bytes"):
        read_limits(text, {kind: each.limits for kind, each in HANDLERS.items()})


def test_who_lists_jobs_needs_no_limits(store_path, monkeypatch):
    monkeypatch.setenv("LIFECIRCLE_JOB_LIMITS", "import.wall_s=7")
    result = CliRunner().invoke(cli, ["--db", store_path, "jobs", "--json"])
    assert json.loads(result.stdout) == {"jobs": []}, result.stderr


def test_limits_are_of_all_kinds_or_of_one():
    before = {kind: each.limits for kind, each in HANDLERS.items()}
    assert read_limits("", before) == before
    chosen = read_limits("import.memory_bytes=8e9 cpu_s=60, partition.cpu_s=90", before)
    assert {kind: limits.cpu_s for kind, limits in chosen.items()} == {
        "import": 60, "coverage": 60, "partition": 90
    }  # fmt: skip
    assert chosen["import"].memory_bytes == 8_000_000_000
    assert chosen["coverage"].memory_bytes == before["coverage"].memory_bytes
