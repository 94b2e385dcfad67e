"""Scenarios (what-if): parsing of edits, and the answer to a scenario."""

from typing import Final

import pandas as pd

from api.errors import TooLargeError
from api.formats.aliases import Json
from api.formats.json import BODY, read_json, records
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import judged_note, question_note, threshold_meta
from geo.accessibility.coverage import By
from geo.accessibility.gaps import ALL
from geo.errors import InputError
from geo.messages import Message
from geo.routing.walking_time import Minutes
from geo.scenario.compare import (
    Scenario,
    building_changes,
    change_table,
    run_scenario,
    times_changed,
)
from geo.scenario.edits import Edit, parse_edit, write_edit

BUILDINGS_SHOWN: Final = 5_000
"""Changes of status that an answer lists at most, most households first."""

_WANTED: Final = Message("edits.edits")


def read_edits(text: bytes, *, limit: int, what: Message = BODY) -> list[Edit]:
    """Return the edits of ``{"edits": [...]}``.

    Raises
    ------
    InputError
        If the text is not JSON of that shape; a wrong edit is named by its number.
    TooLargeError
        If there are more than `limit` edits.
    """
    plain = text.removeprefix(b"\xef\xbb\xbf")  # as Windows writes it
    document = read_json(plain, wanted=_WANTED, what=what)
    if not isinstance(document, dict) or not isinstance(document.get("edits"), list):
        raise InputError("edits.no_list", what=what, wanted=_WANTED)
    if len(document) > 1:
        raise InputError("edits.more_than_list", what=what, wanted=_WANTED)
    edits = document["edits"]
    if len(edits) > limit:
        raise TooLargeError("edits.too_many", n=len(edits), most=limit)
    return [_read(edit, position) for position, edit in enumerate(edits)]


def _read(edit: object, position: int) -> Edit:
    try:
        if not isinstance(edit, dict):
            raise InputError("edits.no_object", wanted=_WANTED)  # noqa: TRY301 - named as the others
        return parse_edit(edit)
    except InputError as error:
        raise error.of_edit(position) from None


def scenario(
    snapshot: Snapshot,
    question: CoverageQuestion,
    edits: list[Edit],
    *,
    by: By,
    shown: int = BUILDINGS_SHOWN,
) -> Json:
    """Return what `edits`, applied in order, would change; nothing is stored.

    Parameters
    ----------
    snapshot : Snapshot
    question : CoverageQuestion
    edits : list of Edit
    by : {'small', 'medium', 'large', 'district'}
    shown : int
        Rows of ``buildings``; ``buildings_cut`` counts the others.

    Raises
    ------
    InputError, NotFoundError, ConflictError
        Naming the edit by its number.
    EmptyError
        If the district has no buildings or no grids of level `by`.
    """
    snapshot, hours_at = as_asked(snapshot, question)
    snapshot.require_grids(by)
    engine, minutes = snapshot.what_if(question.profile), snapshot.minutes(question)
    result = run_scenario(engine, edits)
    moved = building_changes(result, engine.layers, minutes=minutes)
    return {
        **threshold_meta(snapshot, question),
        "by": by,
        **judged_note(snapshot, question.profile),
        "edits": [write_edit(edit) for edit in edits],
        "changes": records(changes(snapshot, result, minutes=minutes, by=by)),
        "total": records(total(snapshot, result, minutes=minutes)),
        "buildings": records(moved.head(shown)),
        "buildings_cut": max(0, len(moved) - shown),
        "changed": times_changed(result),
        "unlinked": [
            {"point_id": name, "reason": why} for name, why in result.answer.unlinked.items()
        ],
        **question_note(question, hours_at),
    }


def changes(snapshot: Snapshot, result: Scenario, *, minutes: Minutes, by: By) -> pd.DataFrame:
    """Return every figure that differs, by grid, with names."""
    table = change_table(result, snapshot.metric, minutes=minutes, by=by, members=snapshot.members)
    return _named(snapshot, table, by)


def total(snapshot: Snapshot, result: Scenario, *, minutes: Minutes) -> pd.DataFrame:
    """Return the figures of the district: category ``all``, and each that differs."""
    table = change_table(
        result,
        snapshot.metric,
        minutes=minutes,
        by="district",
        members=snapshot.members,
        always=(ALL,),
    )
    return _named(snapshot, table, "district")


def _named(snapshot: Snapshot, table: pd.DataFrame, by: By) -> pd.DataFrame:
    """Return the table with the names of its grids, or of the district, behind their codes."""
    if by == "district":
        district = snapshot.district
        named = table.assign(code=district.code, name_zh=district.name_zh, name_en=district.name_en)
    else:
        names = snapshot.layers.grids.set_index("code")[["name_zh", "name_en"]]
        named = table.join(pd.DataFrame(names), on="code")
    first = ["code", "name_zh", "name_en"]
    return named[[*first, *(name for name in named.columns if name not in first)]]
