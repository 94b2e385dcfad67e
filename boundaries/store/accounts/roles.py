"""Roles of an account or key: one for all districts, or one per district."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from boundaries.store.tables.account_tables import Role
from geo.errors import InputError
from geo.messages import Message

EVERYWHERE: Final = "*"
"""Stands for all districts in place of a code."""

_RANKS: Final = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Roles:
    """Which role somebody has where.

    Attributes
    ----------
    by_district : dict of str to Role
        Keyed by district code, or :data:`EVERYWHERE`.

    Examples
    --------
    >>> roles = parse_roles(["viewer", "planner:371602"])
    >>> roles.of("371602"), roles.of("helsinki"), roles.districts
    (<Role.PLANNER: 'planner'>, <Role.VIEWER: 'viewer'>, None)
    >>> parse_roles(["planner:371602"]).of("helsinki") is None
    True
    """

    by_district: Mapping[str, Role]

    def of(self, district: str) -> Role | None:
        """Return the role in a district: its own or that for all, the higher one; None if none."""
        held = [self.by_district[key] for key in (district, EVERYWHERE) if key in self.by_district]
        return max(held, key=_RANKS.__getitem__, default=None)

    @property
    def highest(self) -> Role | None:
        """The highest role anywhere; None if there is none."""
        return max(self.by_district.values(), key=_RANKS.__getitem__, default=None)

    @property
    def districts(self) -> frozenset[str] | None:
        """Codes of the only districts with a role; None where there is one for all."""
        return None if EVERYWHERE in self.by_district else frozenset(self.by_district)

    def districts_with(self, wanted: Role) -> frozenset[str] | None:
        """Return the codes of the districts where a role is reached; None for all of them."""
        if reaches(self.by_district.get(EVERYWHERE), wanted):
            return None
        return frozenset(code for code, role in self.by_district.items() if reaches(role, wanted))

    def to_json(self) -> str:
        """Return the roles as stored."""
        return json.dumps(dict(sorted(self.by_district.items())))


def reaches(held: Role | None, wanted: Role) -> bool:
    """Return whether the role `held` includes `wanted`."""
    return held is not None and _RANKS[held] >= _RANKS[wanted]


def read_roles(text: str) -> Roles:
    """Return the roles that :meth:`Roles.to_json` wrote."""
    return Roles({code: Role(role) for code, role in json.loads(text).items()})


def parse_roles(texts: Iterable[str]) -> Roles:
    """Return roles from texts ``role`` or ``role:district``.

    Raises
    ------
    InputError
        If a text names no role, or a district twice, or there is none.
    """
    chosen: dict[str, Role] = {}
    for text in texts:
        name, _, code = text.partition(":")
        if name not in set(Role) or (":" in text and not code):
            raise InputError("accounts.unknown_role", text=text, roles=list(map(str, Role)))
        if (code or EVERYWHERE) in chosen:
            where = code or Message("accounts.all_districts")
            raise InputError("accounts.two_roles", where=where)
        chosen[code or EVERYWHERE] = Role(name)
    if not chosen:
        raise InputError("accounts.no_role", roles=list(map(str, Role)))
    return Roles(chosen)
