"""Organisations that the district's planning document requires in each grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from boundaries.standards.catalogue import standard_document
from boundaries.standards.plan_figures import figure
from geo.model.vocabulary import Level
from geo.staffing.organisations import GridRole, PlaceRole, Side


@dataclass(frozen=True, slots=True)
class HubRule:
    """The rule "one hub and many stations" (一中心多站点).

    Attributes
    ----------
    zh, en : str
    roles : tuple of PlaceRole
        What counts as a hub, and what as a station.
    minutes : float
        Threshold, inclusive.
    minutes_source, minutes_verified : str
        Where the threshold comes from and how well that was checked.
    """

    zh: str
    en: str
    roles: tuple[PlaceRole, ...]
    minutes: float
    minutes_source: str
    minutes_verified: str


@cache
def load_roles() -> tuple[GridRole, ...]:
    """Return the roles of the shipped data that belong to grids.

    Examples
    --------
    >>> [role.id for role in load_roles()]
    ['general_branch', 'branch', 'group', 'residents_group', 'window']
    """
    about: Mapping[str, Any] = standard_document("organisation_roles")["grids"]
    return tuple(
        GridRole(
            id_, Level(row["level"]), row["zh"], row["en"], tuple(row["terms"]), row.get("kind", "")
        )
        for id_, row in about.items()
    )


@cache
def load_hub_rule() -> HubRule:
    """Return the rule of hubs and stations of the shipped data.

    Examples
    --------
    >>> load_hub_rule().minutes, [str(role.id) for role in load_hub_rule().roles]
    (15.0, ['hub', 'station'])
    """
    about = standard_document("organisation_roles")
    rule, minutes = about["rule"], about["rule"]["minutes"]
    return HubRule(
        zh=rule["zh"],
        en=rule["en"],
        roles=tuple(
            PlaceRole(Side(id_), row["zh"], row["en"], tuple(row["terms"]), row["kind"])
            for id_, row in about["places"].items()
        ),
        minutes=figure(minutes["figure"]),
        minutes_source=minutes["source"],
        minutes_verified=minutes["verified"],
    )
