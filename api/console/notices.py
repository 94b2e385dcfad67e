"""Notices on stderr beside a result: origin and credits of the data, what figures leave out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from api.console.output import print_table, say
from api.formats.aliases import Json

_NAMED = 8
"""Things of one kind that are listed by name."""


def tell(about: Json) -> None:
    """Print the origin, credits and limits of an answer's figures on stderr."""
    outside = about.get("outside")
    if outside and outside["buildings"]:
        say(
            f"Outside every small grid: {outside['buildings']} buildings with "
            f"{outside['households']} households; they count in the total and in no grid."
        )
    if about.get("own_points"):
        say("Only service points inside the district count, not those of neighbours.")
    if "as_of" in about:
        say(f"As of {about['as_of']}: revision {about['revision']}.")
    _tell_gates(about.get("gates_at"))
    if about["synthetic"]:
        say(f"Synthetic data, not a real place. {about['note']}".rstrip())
        say(f"合成数据，并非真实地点。{about['note_zh']}")
    else:
        for note in (about["note"], about["note_zh"]):
            if note:
                say(note)
    for credit in about["credits"]:
        say(credit)


def _tell_gates(moment: Json | None) -> None:
    if moment is None:
        return
    say(
        f"Gates as of {moment['weekday']} {moment['at']}: {len(moment['closed'])} closed by their "
        f"opening hours, of {moment['with_hours']} that have any."
    )
    if moment["unreadable"]:
        say(
            f"Opening hours that cannot be read, {len(moment['unreadable'])}: "
            f"{names(moment['unreadable'])}; these gates stay as their access says."
        )


def tell_missing(without: Sequence[str]) -> None:
    """Print the categories that have no service point, so that nobody reaches one."""
    if without:
        say(f"No service point at all in the data of: {', '.join(without)}.")


def tell_written(paths: Sequence[Path]) -> None:
    """Say which files were written."""
    say(f"Wrote {', '.join(str(path) for path in paths)}.")


def names(which: Sequence[str], *, limit: int = _NAMED) -> str:
    """Return names separated by commas, only the first ones where there are many."""
    return ", ".join(which[:limit]) + (" ..." if len(which) > limit else "")


def print_named(title: str, named: Mapping[str, str]) -> None:
    """Print the first places that an import lists, and what was done there."""
    rows = [{"place": place, "what": what} for place, what in named.items()]
    if rows:
        print_table(f"{title} (every one with --json)", rows, limit=_NAMED)
