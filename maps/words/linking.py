"""How a building or a service point meets the walk network, as one plain sentence."""

from collections.abc import Mapping

import pandas as pd

from geo.model.layers import Layers
from geo.network.snap_kernel import LINK_LIMIT_M
from geo.scenario.edits import OpenGate
from geo.scenario.linking import Linking
from maps.words.catalogue import say


def link_sentence(told: Linking, layers: Layers, *, lang: str, searched: bool = True) -> str:
    """Return how a place meets the walk network, or why not and what would link it, in words.

    Parameters
    ----------
    told : Linking
    layers : Layers
        For the names of gates and barriers; any CRS.
    lang : {'zh', 'en'}
    searched : bool
        Whether a remedy was looked for, so that there being none says something.

    Examples
    --------
    >>> from geo.scenario.linking import linking
    >>> from tests.geo.engines import what_if
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> told = linking(what_if(layers, network, ("catering",)), "building", "b4")
    >>> link_sentence(told, layers, lang="en")
    'This building is tied to a way on the ground, 10 m away.'
    """
    if not told.reason:
        words = say(lang, f"linking.{told.standing}", place=_place(told, lang), metres=_m(told))
        return say(lang, "sentence.one", one=words[0].upper() + words[1:])
    one = say(lang, f"unlinked.{told.reason}", place=_place(told, lang), limit=f"{LINK_LIMIT_M:g}")
    if told.nearest_edge_id is None:
        return say(lang, "sentence.one", one=one)
    values = {"one": one, "two": _nearest(told, layers, lang), "three": _help(told, layers, lang)}
    helps = searched or told.remedy is not None
    return say(lang, "sentence.three" if helps else "sentence.two", **values)


def barrier_words(barrier: Mapping[str, str], lang: str) -> str:
    """Return a barrier by its name, or by its kind."""
    return barrier["name"] or say(lang, f"barrier.{barrier['kind']}")


def row_of(frame: pd.DataFrame, key: str, value: str) -> Mapping[str, str]:
    """Return the row of a layer that has an identifier."""
    row = frame.iloc[int((frame[key] == value).to_numpy().argmax())]
    return {str(name): each for name, each in row.items()}


def _place(told: Linking, lang: str) -> str:
    return say(lang, f"linking.place_{told.place}")


def _m(told: Linking) -> str:
    return f"{told.door.leg_m if not told.reason else told.nearest_m:,.0f}"


def _nearest(told: Linking, layers: Layers, lang: str) -> str:
    """Return where the nearest way is, and what lies between."""
    if told.barrier_id is None:
        return say(lang, "linking.nearest", metres=_m(told))
    barrier = barrier_words(row_of(layers.barriers, "barrier_id", told.barrier_id), lang)
    return say(lang, "linking.nearest_across", metres=_m(told), barrier=barrier)


def _help(told: Linking, layers: Layers, lang: str) -> str:
    """Return the edit that would link the place."""
    found = told.remedy
    if found is None:
        return say(lang, "linking.no_help")
    gate = ""
    if isinstance(found.edit, OpenGate):
        name = row_of(layers.gates, "gate_id", found.edit.gate_id)["name"]
        gate = name or say(lang, "sentence.gate", gate=found.edit.gate_id)
    households = say(lang, "sentence.households", households=f"{found.households:,.0f}")
    gain = say(lang, "linking.gain", households=households) if found.households else ""
    return (
        say(lang, f"linking.help_{found.kind}", metres=f"{found.length_m:,.0f}", gate=gate) + gain
    )
