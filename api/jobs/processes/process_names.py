"""Process names by which any service can tell whether a process is still alive."""

import os
import secrets
import socket
from functools import cache
from pathlib import Path
from typing import Final

STALE_S: Final = 60.0
"""A process elsewhere without a heartbeat for longer counts as gone, seconds."""

_PROC: Final = Path("/proc")
_START: Final = 19  # field 22 of /proc/PID/stat; the first two stand before the last parenthesis
_DEAD: Final = ("Z", "X")


def new_name() -> str:
    """Return a name for a service of this process, ``host/place/pid/start/token``.

    `place` is where process numbers mean the same (this boot, this container); it and `start`, the
    moment at which the process began, are empty where the system does not provide them.
    """
    pid = os.getpid()
    host = socket.gethostname().replace("/", "-")
    return "/".join((host, _place(), str(pid), _start(pid), secrets.token_hex(4)))


def is_gone(name: str, silent_s: float) -> bool:
    """Return whether the process of `name` is no longer alive.

    The operating system answers for a process of the same boot and container; any other counts as
    gone when its last heartbeat is too old.

    Parameters
    ----------
    name : str
        Of :func:`new_name`.
    silent_s : float
        Seconds since its last heartbeat.
    """
    parts = name.split("/")
    if len(parts) == 5:  # noqa: PLR2004 - as new_name makes it
        _, place, pid, start, _ = parts
        if place and start and place == _place() and pid.isdecimal():
            return _start(int(pid)) != start
    return silent_s > STALE_S


@cache
def _place() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        space = (_PROC / "self/ns/pid").readlink().name
    except OSError:
        return ""
    return f"{boot}:{''.join(filter(str.isdecimal, space))}"


def _start(pid: int) -> str:
    """Return when a process began, in ticks since the boot; empty where there is none."""
    try:
        text = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in _DEAD else fields[_START]
