"""Why a building is covered or not, as one plain sentence."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from geo.messages import tenths_up
from geo.model.layers import Layers
from geo.model.standard import Category
from geo.scenario.explain import Cause, Explanation
from maps.words.catalogue import say
from maps.words.linking import barrier_words, link_sentence, row_of


def sentence(
    why: Explanation,
    layers: Layers,
    *,
    lang: str,
    category: Category,
    reach_m: float,
    searched: bool,
    closed: Sequence[Mapping[str, str]] = (),
    by_floor: Mapping[str, float] | None = None,
) -> str:
    """Return the explanation in words.

    Parameters
    ----------
    why : Explanation
    layers : Layers
        For the names of points, gates and barriers; any CRS.
    lang : {'zh', 'en'}
    category : Category
        That of `why`.
    reach_m : float
        Metres that the threshold stands for.
    searched : bool
        Whether a remedy was looked for, so that there being none says something.
    closed : sequence of mapping
        ``name, id, opening_hours`` of what is closed at the hour on the walk when all is open.
    by_floor : mapping, optional
        ``from_floor, beyond, down_s, lift_gains`` of the building, where dwellings count by floor.

    Returns
    -------
    str
        For instance ``到社区食堂A 要走 1,184 米（15.8 分钟）；关闭的 3 号门挡路，打开它可让 412
        户进入 15 分钟圈。``
    """
    kind = category.zh if lang == "zh" else category.en.lower()
    if why.linking is not None:
        return link_sentence(why.linking, layers, lang=lang, searched=searched)
    if why.cause is Cause.NO_POINT:
        return say(lang, "sentence.one", one=say(lang, "cause.no_point", category=kind))
    if why.cause is Cause.FLOORS and by_floor is not None:
        return _floors(why, by_floor, walk=_walk(why, layers, lang=lang, kind=kind), lang=lang)
    values = {
        "one": _walk(why, layers, lang=lang, kind=kind),
        "two": _cause(why, layers, lang=lang, reach_m=reach_m, closed=closed),
        "three": _help(why, lang),
    }
    helps = why.remedy is not None or (searched and why.cause in {Cause.BARRIER, Cause.DETOUR})
    return say(lang, "sentence.three" if helps else "sentence.two", **values)


def _floors(why: Explanation, by_floor: Mapping[str, float], *, walk: str, lang: str) -> str:
    """Return from which floor it is too far, and what a lift would do."""

    def households(name: str) -> str:
        return say(lang, "sentence.households", households=f"{by_floor[name]:,.0f}")

    cause = say(
        lang,
        "cause.floors",
        n=f"{why.minutes:g}",
        floor=f"{by_floor['from_floor']:g}",
        households=households("beyond"),
    )
    if not by_floor["lift_gains"]:
        return say(lang, "sentence.two", one=walk, two=cause)
    help_words = say(lang, "help.lift", households=households("lift_gains"), n=f"{why.minutes:g}")
    return say(lang, "sentence.three", one=walk, two=cause, three=help_words)


def _walk(why: Explanation, layers: Layers, *, lang: str, kind: str) -> str:
    if why.walk is None or why.point_id is None:
        return say(lang, "sentence.unreached", category=kind)
    name = _name(layers.service_points, "point_id", why.point_id)
    point = _own(name, lang) if name else say(lang, "sentence.nearest", category=kind)
    covered = why.cause in {Cause.COVERED, Cause.FLOORS}
    shown = why.time_s / 60 if covered else tenths_up(why.time_s)
    return say(
        lang,
        "sentence.walk",
        point=point,
        metres=f"{why.walk.total_m:,.0f}",
        minutes=f"{shown:.1f}",
    )


def _cause(
    why: Explanation,
    layers: Layers,
    *,
    lang: str,
    reach_m: float,
    closed: Sequence[Mapping[str, str]],
) -> str:
    subject = ""
    if why.cause is Cause.CLOSED_GATE:
        subject = _name(layers.gates, "gate_id", why.subject) or say(
            lang, "sentence.gate", gate=why.subject
        )
        subject = _own(subject, lang)
    elif why.cause is Cause.BARRIER:
        subject = barrier_words(row_of(layers.barriers, "barrier_id", why.subject), lang)
    elif why.cause is Cause.CLOSED_HOURS:
        each = [f"{one['name'] or one['id']} ({one['opening_hours']})" for one in closed]
        subject = _own(("、" if lang == "zh" else ", ").join(each), lang)
    straight_m = why.straight_m if math.isfinite(why.straight_m) else 0.0
    return say(
        lang,
        f"cause.{why.cause}",
        subject=subject,
        straight=f"{math.ceil(straight_m):,}",
        reach=f"{math.floor(reach_m):,}",
        n=f"{why.minutes:g}",
    )


def _help(why: Explanation, lang: str) -> str:
    if why.remedy is None:
        return say(lang, "sentence.no_help")
    n = why.remedy.households
    return say(
        lang,
        f"help.{why.remedy.kind}",
        metres=f"{why.remedy.length_m:,.0f}",
        households=say(lang, "sentence.households", households=f"{n:,.0f}"),
        n=f"{why.minutes:g}",
    )


def _name(frame: pd.DataFrame, key: str, value: str) -> str:
    """Return the name of one row of a layer; empty where it has none."""
    names = frame.loc[frame[key] == value, "name"]
    return str(names.iloc[0]) if len(names) else ""


def _own(name: str, lang: str) -> str:
    """Return a name for use in a sentence: in Chinese, spaces set off Latin letters and digits."""
    if lang != "zh":
        return name
    first, last = (" " if c.isascii() and c.isalnum() else "" for c in (name[:1], name[-1:]))
    return f"{first}{name}{last}"
