"""How the command line speaks: results on stdout, everything else on stderr.

What is told is a message, in the language of the call, or a text that has none.
"""

import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.table import Table

from geo import messages
from geo.messages import Message, language

_PIPED_WIDTH: Final = 160
"""Width of output that is piped: wide enough that rows are not folded."""


def say(text: Message | str) -> None:
    """Print one line on stderr."""
    _stderr().print(str(text), markup=False, highlight=False, soft_wrap=True)


def _stderr() -> Console:
    return Console(stderr=True)


def _stdout() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)


@contextmanager
def step(what: Message) -> Iterator[None]:
    """Show on stderr what is being done and, at the end, how long it took."""
    console = _stderr()
    started = time.perf_counter()
    if console.is_terminal:
        with console.status(str(what)):
            yield
    else:
        say(Message("console.step_begins", {"what": what}))
        yield
    seconds = time.perf_counter() - started
    say(Message("console.step_done", {"what": what, "seconds": seconds}))


def print_json(body: object) -> None:
    """Print `body` as JSON on stdout: one object, UTF-8."""
    from api.formats.json import dumps  # noqa: PLC0415 - heavy, and only with a result at hand

    sys.stdout.write(dumps(body).decode() + "\n")


def print_text(text: Message | str) -> None:
    """Print one line of a result on stdout."""
    _stdout().print(str(text), markup=False, highlight=False, soft_wrap=True)


def print_table(
    title: Message | str, rows: Sequence[Mapping[str, object]], *, limit: int = 30
) -> None:
    """Print rows as a table on stdout, numbers to the right; name how many are left out.

    The members of a row are codes of messages, which stand above the columns.
    """
    if not rows:
        print_text(Message("console.no_rows", {"title": title}))
        return
    table = Table(title=str(title), title_justify="left", title_style="bold")
    for name, value in rows[0].items():
        right = isinstance(value, int | float)
        table.add_column(str(Message(name)), justify="right" if right else "left", overflow="fold")
    for row in rows[:limit]:
        table.add_row(*(_cell(value) for value in row.values()))
    _stdout().print(table, markup=False)
    if len(rows) > limit:
        print_text(Message("console.more_rows", {"n": len(rows) - limit}))


def line_of(row: Mapping[str, object]) -> str:
    """Return a row of a table as one line."""
    colon, semicolon = ("：", "；") if language() == "zh" else (": ", "; ")
    return semicolon.join(f"{Message(name)}{colon}{value}" for name, value in row.items())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("[", "\\[")


def percent(share: float | None) -> str:
    """Return a share 0..1 as a percentage; a dash where there is none."""
    if share is None or math.isnan(share):
        return "-"
    return messages.percent(share, language())


def minutes(seconds: float | None) -> float | None:
    """Return a walking time in minutes, which people plan in; never less than it takes."""
    return None if seconds is None else messages.tenths_up(seconds)


def listed(parts: Iterable[object]) -> str:
    """Return parts separated by commas, or by the mark that Chinese has for lists."""
    return ("、" if language() == "zh" else ", ").join(str(part) for part in parts)
