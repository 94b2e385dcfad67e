"""Shapes of what the service says of the caller."""

from typing import ClassVar

from pydantic import BaseModel, Field

from api.formats.aliases import Json
from api.http.schemas import Shape
from api.identity.caller import Known
from boundaries.store.tables.account_tables import Role


class Me(Shape):
    """Who asks, and what that caller may do."""

    name: str = Field(description="As in the log; empty where nobody is signed in.")
    known: Known = Field(
        description="How the caller was identified; `demo` where there are no accounts."
    )
    roles: dict[str, Role] = Field(description="Role by district code; `*` stands for all.")
    editable: bool = Field(description="Whether the service takes changes, from who may make them.")
    own_password: bool = Field(description="Whether there is a password to change.")
    issuer: bool = Field(description="Whether single sign-on is set up.")

    EXAMPLE: ClassVar[Json] = {
        "name": "anna",
        "known": "session",
        "roles": {"371602": "planner"},
        "editable": True,
        "own_password": True,
        "issuer": False,
    }


class PasswordChange(BaseModel):
    """Old and new password."""

    current: str = Field(max_length=1_000, description="The current password.")
    new: str = Field(max_length=1_000, description="12 to 256 characters.")

    EXAMPLE: ClassVar[Json] = {
        "current": "correct horse battery",
        "new": "a longer sentence of words",
    }
