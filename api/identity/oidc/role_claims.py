"""Roles from the claims of a token, by the mapping in the settings."""

from collections.abc import Mapping
from typing import Any

from boundaries.store.accounts.roles import Roles, parse_roles, reaches
from boundaries.store.tables.account_tables import Role
from geo.errors import InputError

Mapped = Mapping[str, Roles]
"""Value of the claim -> roles."""


def read_mapping(text: str) -> Mapped:
    """Return the mapping that a setting spells ``value=role[:code], ...``; a value may repeat.

    Raises
    ------
    InputError
        If a part is not of this form.

    Examples
    --------
    >>> read_mapping("gis=admin, street=planner:371602")["street"].of("371602")
    <Role.PLANNER: 'planner'>
    """
    texts: dict[str, list[str]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        value, mark, role = part.rpartition("=")
        if not mark or not value.strip():
            raise InputError("issuer.roles", got=part)
        texts.setdefault(value.strip(), []).append(role.strip())
    return {value: parse_roles(roles) for value, roles in texts.items()}


def roles_of(claims: Mapping[str, Any], path: str, mapped: Mapped) -> Roles:
    """Return the roles that the claim at a dotted `path` stands for; the higher one counts."""
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    values = value.split() if isinstance(value, str) else value
    held: dict[str, Role] = {}
    for each in values if isinstance(values, list) else ():
        for code, role in mapped[each].by_district.items() if _is_in(each, mapped) else ():
            if not reaches(held.get(code), role):
                held[code] = role
    return Roles(held)


def _is_in(value: object, mapped: Mapped) -> bool:
    return isinstance(value, str) and value in mapped
