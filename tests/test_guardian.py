"""Whoever kills a test run: nothing that it started is left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guardian import alive, marked, servers
from tests.waiting import PATIENCE_S, wait_until

ROOT = Path(__file__).resolve().parents[1]
SMALL = """
import os, subprocess, time
from pathlib import Path
from tests.browser.conftest import browser
from tests.guardian import MARK

def test_that_never_ends(postgis, browser):
    postgis.new_database()
    subprocess.Popen(["sleep", "1000"], start_new_session=True)  # as a service may
    Path({told!r}).with_suffix(".new").write_text(f"{{os.getpid()}} {{os.environ[MARK]}}")
    Path({told!r}).with_suffix(".new").rename({told!r})
    time.sleep(1000)
"""

LISTENING = (
    "import signal, sys, pytest; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "sys.exit(pytest.main(sys.argv[1:]))"
)
"""A run that hears Ctrl-C, also where a shell began the suite in the background and muted it."""


@pytest.mark.parametrize("killed", ["run", "worker", "group", "nobody"])
def test_a_run_that_is_killed_leaves_no_process_and_no_file(tmp_path, killed):
    told, test = tmp_path / "told", tmp_path / "test_small.py"
    test.write_text(SMALL.format(told=str(told)))
    options = ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "-p", "no:cacheprovider"]
    options += ["-p", "tests.conftest", "-n", "1", "--max-worker-restart", "0"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.Popen(
        [sys.executable, "-c", LISTENING, *options, test],
        cwd=ROOT, env=own, process_group=0, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: told.exists() or not alive(run.pid), "the run did not begin")
        worker, name = told.read_text().split()
        folder = Path(name)
        began = [*marked(folder), *servers(folder)]
        names = {Path(f"/proc/{pid}/comm").read_text().strip() for pid in began}
        assert {"postgres", "sleep", "chromium"} <= names
        if killed == "run":
            run.kill()
        elif killed == "worker":
            os.kill(int(worker), signal.SIGKILL)
        elif killed == "group":
            os.killpg(run.pid, signal.SIGKILL)
        else:
            run.send_signal(signal.SIGINT)
        run.wait(PATIENCE_S)
        wait_until(lambda: not any(map(alive, began)), "a process is left")
        wait_until(lambda: not folder.exists(), "a file is left")
    finally:
        run.kill()
        run.wait()
