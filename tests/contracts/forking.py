"""Processes of tests, forked from one that has imported all they need: seconds less each."""

import multiprocessing

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(
    ["api.job_kinds", "tests.contracts.test_crashes", "tests.contracts.test_many_at_once"]
)
