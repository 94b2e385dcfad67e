"""Limits of a job's process, per kind of job, and how an operator changes them."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from api.formats.aliases import Json
from api.formats.problems import JOB_LIMIT, stored_problem
from geo.errors import InputError
from geo.messages import Message

SETTING: Final = "LIFECIRCLE_JOB_LIMITS"
_ITEM: Final = re.compile(r"(?:(?P<kind>[a-z]+)\.)?(?P<limit>[a-z_]+)=(?P<value>[0-9.e]+)")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process of one job may take; when it takes more it is ended.

    Attributes
    ----------
    memory_bytes : int
        Beyond what the interpreter and its libraries take; mapped files do not count.
    cpu_s, wall_s : int
        Seconds of all its threads, and by the clock.
    open_files : int
    written_bytes : int
        In its folder at a time, and into any one file.
    processes : int
        That it may have started and that run.
    """

    memory_bytes: int = 4_000_000_000
    cpu_s: int = 3_600
    wall_s: int = 3_600
    open_files: int = 512
    written_bytes: int = 4_000_000_000
    processes: int = 16


_TOLD: Final[Mapping[str, str]] = {
    "memory_bytes": "job.limit_of_memory",
    "cpu_s": "job.limit_of_computing",
    "wall_s": "job.limit_of_time",
    "open_files": "job.limit_of_open_files",
    "written_bytes": "job.limit_of_written_bytes",
    "processes": "job.limit_of_processes",
}
"""Of each limit: what is told who meets it."""


def limit_body(kind: str, limit: str, limits: Limits) -> Json:
    """Return the problem of a job of `kind` that met one of its limits."""
    value = getattr(limits, limit)
    raised = {"setting": SETTING, "name": f"{kind}.{limit}"}
    detail = Message(_TOLD[limit], {"most": value, **raised})
    return {**stored_problem(JOB_LIMIT, detail), "limit": {"name": limit, "value": value}}


def read_limits(text: str, kinds: Mapping[str, Limits]) -> dict[str, Limits]:
    """Return the limits of every kind of job as an operator wants them.

    Parameters
    ----------
    text : str
        ``limit=value`` of every kind or ``kind.limit=value`` of one, separated by commas.
    kinds : mapping
        Limits of each kind before.

    Raises
    ------
    InputError
        Naming what is no limit, and those there are.

    Examples
    --------
    >>> kinds = {"import": Limits(), "coverage": Limits()}
    >>> chosen = read_limits("wall_s=600, import.wall_s=7200", kinds)
    >>> chosen["import"].wall_s, chosen["coverage"].wall_s
    (7200, 600)
    """
    chosen = dict(kinds)
    items = [item for item in re.split(r"[,\s]+", text) if item]
    for item in sorted(items, key=lambda item: "." in item.partition("=")[0]):
        kind, given = _read_item(item, kinds)
        for each in [kind] if kind else kinds:
            chosen[each] = replace(chosen[each], **given)
    return chosen


def _read_item(item: str, kinds: Mapping[str, Limits]) -> tuple[str | None, dict[str, Any]]:
    names = [each.name for each in fields(Limits)]
    match = _ITEM.fullmatch(item)
    try:
        if match and match["limit"] in names and match["kind"] in (None, *kinds):
            value = int(float(match["value"]))
            if value >= 1:
                return match["kind"], {match["limit"]: value}
    except (ValueError, OverflowError):
        pass
    raise InputError("job.wrong_limit", setting=SETTING, got=item, limits=names, kinds=list(kinds))


def limits_row(limits: Limits) -> dict[str, int]:
    """Return the limits by name."""
    return asdict(limits)
