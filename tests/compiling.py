"""Kernels compiled once in a run: of several workers that need one, all but the first wait.

In a fresh clone nothing is compiled. Without this, workers that need a kernel at the same time each
compile it, and all but one have worked for nothing; what is compiled is the same.
"""

import fcntl
import os
from functools import wraps
from pathlib import Path

from tests.guardian import MARK


def compile_in_turn() -> None:
    """Let this process wait for a kernel that another worker of this run compiles, and take it."""
    from numba.core.caching import NullCache
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.dispatcher import Dispatcher

    folder = Path(os.environ[MARK])
    at_once = Dispatcher.compile

    own: set[str] = set()  # a kernel that calls itself otherwise compiles within its own turn

    @wraps(at_once)
    def in_turn(kernel, signature):
        code = kernel.py_func.__code__
        name = f"{Path(code.co_filename).stem}-{code.co_name}.kernel"
        # Threads come first: one that waits for a file must not hold up another that has it. A
        # kernel compiles those that it calls, and these never call it: nobody waits in a circle.
        with global_compiler_lock:
            if isinstance(kernel._cache, NullCache) or name in own:
                return at_once(kernel, signature)
            with (folder / name).open("w") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                own.add(name)
                try:
                    return at_once(kernel, signature)
                finally:
                    own.discard(name)
                    fcntl.flock(turn, fcntl.LOCK_UN)  # at once, whoever was forked meanwhile

    Dispatcher.compile = in_turn
