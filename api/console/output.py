"""How the command line speaks: results on stdout, everything else on stderr."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.table import Table

_PIPED_WIDTH: Final = 160
"""Width of output that is piped: wide enough that rows are not folded."""


def say(text: str) -> None:
    """Print one line on stderr."""
    _stderr().print(text, markup=False, highlight=False, soft_wrap=True)


def _stderr() -> Console:
    return Console(stderr=True)


def _stdout() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show on stderr what is being done and, at the end, how long it took."""
    console = _stderr()
    started = time.perf_counter()
    if console.is_terminal:
        with console.status(what):
            yield
    else:
        say(f"{what} ...")
        yield
    say(f"{what}: {time.perf_counter() - started:.1f} s")


def print_json(body: object) -> None:
    """Print `body` as JSON on stdout: one object, UTF-8."""
    from api.formats.json import dumps  # noqa: PLC0415 - heavy, and only with a result at hand

    sys.stdout.write(dumps(body).decode() + "\n")


def print_text(text: str) -> None:
    """Print one line of a result on stdout."""
    _stdout().print(text, markup=False, highlight=False, soft_wrap=True)


def print_table(title: str, rows: Sequence[Mapping[str, object]], *, limit: int = 30) -> None:
    """Print rows as a table on stdout, numbers to the right; name how many are left out."""
    if not rows:
        print_text(f"{title}: none")
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for name, value in rows[0].items():
        right = isinstance(value, int | float)
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows[:limit]:
        table.add_row(*(_cell(value) for value in row.values()))
    _stdout().print(table, markup=False)
    if len(rows) > limit:
        print_text(f"and {len(rows) - limit} more")


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
    return "-" if share is None or share != share else f"{100 * share:.1f} %"  # noqa: PLR0124 - NaN
