"""The rules by which a district draws and judges its grids: its own, else its document's."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from boundaries.standards.plan_figures import plan_bands
from geo.errors import InputError
from geo.grids.edits.names import check_rule
from geo.model.district_settings import parsed_settings
from geo.model.layer_columns import COLUMNS
from geo.partition.atoms.band import Band
from geo.partition.atoms.reach import HOME_REACH_M, check_reach
from geo.partition.atoms.weights import Weights

SUBJECT: Final = "grids"
"""Under which a district's settings have them."""


@dataclass(frozen=True, slots=True)
class GridRules:
    """How grids and beats of a district are to be.

    Attributes
    ----------
    band, beat : Band
        Households of a small grid, and of a beat.
    weights : Weights
        What the search weighs against each other.
    split_names : str
        Rule for names of the parts of a split grid; empty where the district has none.
    reach : float
        Metres on the walk network within which detached homes join others.
    notice_phone : str
        Number of the office that hears objections to a public notice; empty where there is none.
    """

    band: Band
    beat: Band
    weights: Weights = field(default_factory=Weights)
    split_names: str = ""
    reach: float = HOME_REACH_M
    notice_phone: str = ""


def grid_rules(settings: str = "{}", **asked: Any) -> GridRules:  # noqa: ANN401 - as in a file
    """Return the rules of a district.

    Parameters
    ----------
    settings : str
        Of the district (:attr:`geo.model.layers.District.settings`).
    **asked
        What is asked for once instead: `band`, `beat` (least and most households), `weights` (some
        of :class:`geo.partition.atoms.weights.Weights`), `split_names`, `reach` (metres),
        `notice_phone`. None leaves it as it is.

    Raises
    ------
    InputError
        If a band, weight, reach or rule cannot be one.

    Examples
    --------
    >>> rules = grid_rules('{"grids": {"band": [20, 40]}}', beat=(60, 90))
    >>> rules.band, rules.beat
    (Band(low=20, high=40, aim=30), Band(low=60, high=90, aim=75))
    """
    band, beat = plan_bands()
    rules = GridRules(band, beat)
    for values in (parsed_settings(settings).get(SUBJECT, {}), asked):
        rules = _overlaid(rules, values)
    if rules.beat.high < rules.band.high:
        raise InputError("grid_rules.beat_too_small", beat=rules.beat.high, band=rules.band.high)
    return rules


def _overlaid(rules: GridRules, values: Mapping[str, Any]) -> GridRules:
    given = {name: value for name, value in values.items() if value is not None}
    unknown = given.keys() - GridRules.__slots__
    if unknown:
        raise InputError("grid_rules.unknown", names=sorted(unknown))
    for name in ("band", "beat"):
        if name in given:
            given[name] = _band(given[name])
    if "weights" in given:
        given["weights"] = _weights(rules.weights, given["weights"])
    if "reach" in given:
        given["reach"] = _reach(given["reach"])
    if given.get("split_names"):
        check_rule(given["split_names"])
    if given.get("notice_phone") and not is_office_number(given["notice_phone"]):
        raise InputError("grid_rules.phone", got=str(given["notice_phone"])[:80])
    return replace(rules, **given)


def is_office_number(phone: str) -> bool:
    """Return whether a text is a phone that no person need have: with digits, and no mobile number.

    Examples
    --------
    >>> [is_office_number(phone) for phone in ("0543-3123456", "138 0000 1234", "call me")]
    [True, False, False]
    """
    return any(map(str.isdigit, phone)) and COLUMNS["workers"]["phone"].allows(phone)


def _band(ends: Any) -> Band:  # noqa: ANN401 - as in a file
    match ends:
        case [int(low), int(high)]:
            return Band(low, high, (low + high) // 2)
    raise InputError("grid_rules.band", got=str(ends)[:80])


def _reach(metres: Any) -> float:  # noqa: ANN401 - as in a file
    is_number = isinstance(metres, int | float) and not isinstance(metres, bool)
    return check_reach(metres if is_number else float("nan"))


_MOST: Final = 1e6
"""No weight is larger: sums of them stay exact."""


def _weights(before: Weights, given: Any) -> Weights:  # noqa: ANN401 - as in a file
    known = asdict(before)
    if not isinstance(given, Mapping) or given.keys() - known:
        raise InputError("grid_rules.weights", got=str(given)[:80], known=list(known))
    for name, value in given.items():
        wanted = len(before.crossing) if name == "crossing" else 0
        values = list(value) if wanted and isinstance(value, list | tuple) else [value]
        is_number = all(isinstance(v, int | float) and 0 <= v <= _MOST for v in values)
        if not is_number or (wanted and len(values) != wanted):
            raise InputError("grid_rules.weight", name=name, got=str(value)[:80], n=wanted or 1)
        known[name] = tuple(map(float, values)) if wanted else float(value)
    return Weights(**known)


def as_settings(rules: GridRules) -> dict[str, Any]:
    """Return rules as they are set and answered.

    Examples
    --------
    >>> as_settings(grid_rules())["beat"], as_settings(grid_rules())["weights"]["beat"]
    ([80, 120], 250.0)
    """
    weights = {**asdict(rules.weights), "crossing": list(rules.weights.crossing)}
    return {
        "band": [rules.band.low, rules.band.high],
        "beat": [rules.beat.low, rules.beat.high],
        "weights": weights,
        "split_names": rules.split_names,
        "reach": rules.reach,
        "notice_phone": rules.notice_phone,
    }
