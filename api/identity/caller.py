"""Caller: who makes a request, how that is known, and with which roles."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from boundaries.store.accounts.roles import EVERYWHERE, Roles, reaches
from boundaries.store.tables.account_tables import Role


class Known(StrEnum):
    """How a caller is known."""

    SESSION = "session"  # signed in on the page
    KEY = "key"
    TOKEN = "token"  # noqa: S105 - of the issuer that the settings name
    PUBLIC = "public"  # not at all, and reading is public
    DEMO = "demo"  # not at all, on loopback without accounts
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    Attributes
    ----------
    name : str
        As the log shall have it; empty where nobody said.
    roles : Roles
    known : Known
    account : str or None
        Local account, whose password can be changed.
    """

    name: str
    roles: Roles
    known: Known
    account: str | None = None

    def may(self, wanted: Role, district: str) -> bool:
        """Return whether the caller has a role, or a higher one, in a district."""
        return reaches(self.roles.of(district), wanted)

    def sees(self, district: str) -> bool:
        """Return whether the caller may know of a district at all."""
        return self.may(Role.VIEWER, district)

    def may_anywhere(self, wanted: Role) -> bool:
        """Return whether the caller has a role, or a higher one, in any district."""
        return reaches(self.roles.highest, wanted)

    def audience(self, district: str | None) -> str:
        """Return a text that two callers share only if they get the same answers.

        Of a district that is the role there; of what concerns several, all roles.
        """
        if district is not None:
            return str(self.roles.of(district) or Role.VIEWER)
        if self.roles.by_district.keys() == {EVERYWHERE}:
            return str(self.roles.highest)
        return self.roles.to_json()


UNKNOWN: Final = Caller("", Roles({}), Known.UNKNOWN)
PUBLIC: Final = Caller("", Roles({EVERYWHERE: Role.VIEWER}), Known.PUBLIC)
DEMO: Final = Caller("", Roles({EVERYWHERE: Role.ADMIN}), Known.DEMO)
