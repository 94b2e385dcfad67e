"""Role rules: the one table of which role each operation needs, and the check of it.

An operation that is not in the table is refused wherever there are accounts, and
``tests/attacks/test_isolation.py`` fails for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request

from api.errors import RoleError, SignInError
from api.http.callers.state import caller_of
from api.identity.caller import Caller, Known
from boundaries.store.tables.account_tables import Role
from boundaries.store.tables.records import UnknownDistrictError
from geo.messages import Message

_VIEWER, _PLANNER, _ADMIN = Role.VIEWER, Role.PLANNER, Role.ADMIN


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Who may use an operation.

    Attributes
    ----------
    role : Role or None
        At least; in the district of the path, or in any where the path has none: the route shows
        only what belongs to districts where the caller has it. None: everybody.
    by_layer : dict of str to Role
        Another role for some layers of the path.
    """

    role: Role | None
    by_layer: Mapping[str, Role] = field(default_factory=dict)


_OF_DISTRICT: Final[Mapping[str, Mapping[str, Role]]] = {
    "": {"GET": _VIEWER},
    "/grids": {"GET": _VIEWER},
    "/service-points": {"GET": _VIEWER},
    "/buildings": {"GET": _VIEWER},
    "/barriers": {"GET": _VIEWER},
    "/gates": {"GET": _VIEWER},
    "/entrances": {"GET": _VIEWER},
    "/open-grounds": {"GET": _VIEWER},
    "/organisations": {"GET": _VIEWER},
    "/walk-edges": {"GET": _VIEWER},
    "/network": {"GET": _VIEWER},
    "/coverage": {"GET": _VIEWER},
    "/gaps": {"GET": _VIEWER},
    "/nearest": {"GET": _VIEWER},
    "/access": {"GET": _VIEWER},
    "/equity": {"GET": _VIEWER},
    "/dependents": {"GET": _VIEWER},
    "/lifts": {"GET": _VIEWER},
    "/week": {"GET": _VIEWER},
    "/examination": {"GET": _VIEWER},
    "/explain": {"GET": _VIEWER},
    "/link": {"GET": _VIEWER},
    "/walk": {"GET": _VIEWER},
    "/isochrones": {"GET": _VIEWER},
    "/assignments": {"POST": _VIEWER},
    "/grids/check": {"GET": _VIEWER},
    "/grids/completeness": {"GET": _VIEWER},
    "/beats": {"GET": _VIEWER},
    "/lineage": {"GET": _VIEWER},
    "/map.html": {"GET": _VIEWER},
    "/sheets.html": {"GET": _VIEWER},
    "/sheets.pdf": {"GET": _VIEWER},
    "/editions": {"GET": _VIEWER},
    "/editions/{name}": {"GET": _VIEWER, "PUT": _PLANNER},
    "/editions/{name}/publish": {"POST": _ADMIN},
    "/scenarios": {"POST": _VIEWER},
    "/partitions": {"POST": _PLANNER},
    "/grids/edits": {"POST": _PLANNER},
    "/grids/repair": {"POST": _PLANNER},
    "/settings/grids": {"GET": _VIEWER, "PUT": _PLANNER},
    "/settings/control-points": {"GET": _PLANNER, "PUT": _PLANNER},
    "/profiles": {"GET": _VIEWER, "PUT": _PLANNER},
    "/changes": {"GET": _PLANNER},
    "/imports": {"GET": _PLANNER, "POST": _PLANNER},
    "/undo": {"POST": _PLANNER},
    "/runs": {"GET": _PLANNER, "POST": _PLANNER},
    "/{layer}/{key}": {"PUT": _PLANNER, "PATCH": _PLANNER, "DELETE": _PLANNER},
}
"""Path below a district -> method -> role. What changes something, and what tells counts as they
are stored, is for planners; a viewer's scenario is computed from protected counts."""

_SINGLE: Final = RoleRule(_VIEWER, {"buildings": _PLANNER})
"""Features one by one come as they are stored, with exact counts."""

RULES: Final[Mapping[tuple[str, str], RoleRule]] = {
    ("GET", "/"): RoleRule(None),
    ("GET", "/docs"): RoleRule(None),
    ("GET", "/glossary"): RoleRule(None),
    ("GET", "/healthz"): RoleRule(None),
    ("GET", "/readyz"): RoleRule(None),
    ("GET", "/metrics"): RoleRule(_VIEWER),
    ("GET", "/sign-in"): RoleRule(None),
    ("POST", "/sign-in"): RoleRule(None),
    ("GET", "/sign-in/issuer"): RoleRule(None),
    ("GET", "/sign-in/return"): RoleRule(None),
    ("POST", "/sign-out"): RoleRule(None),
    ("GET", "/me"): RoleRule(None),
    ("POST", "/me/password"): RoleRule(_VIEWER),
    ("GET", "/districts"): RoleRule(_VIEWER),
    ("GET", "/jobs"): RoleRule(_PLANNER),
    ("GET", "/jobs/{job}"): RoleRule(_PLANNER),
    ("DELETE", "/jobs/{job}"): RoleRule(_PLANNER),
    ("GET", "/runs/{run}"): RoleRule(_PLANNER),
    **{
        (method, f"/districts/{{code}}{path}"): RoleRule(role)
        for path, by_method in _OF_DISTRICT.items()
        for method, role in by_method.items()
    },
    ("GET", "/districts/{code}/{layer}/{key}"): _SINGLE,
    ("GET", "/districts/{code}/{layer}/{key}/versions"): _SINGLE,
}
"""Method and path of the API document -> rule."""

PUBLIC_PATHS: Final = frozenset(
    {path for (_, path), rule in RULES.items() if rule.role is None} | {"/openapi.json"}
)
"""Paths that answer the unknown; none has a parameter."""


async def require_role(request: Request) -> None:
    """Refuse what the role of the caller does not reach; a dependency of every route.

    Raises
    ------
    SignInError
        If nobody knows who asks.
    UnknownDistrictError
        If the caller may not even know of the district.
    RoleError
        If the role is too low.
    """
    caller = caller_of(request.scope)
    if caller.known is Known.DEMO:
        return
    path = request.scope["route"].path_format
    rule = RULES.get((request.method, path), RoleRule(_ADMIN))
    wanted = rule.by_layer.get(str(request.path_params.get("layer")), rule.role)
    if wanted is None:
        return
    if caller.known is Known.UNKNOWN:
        raise SignInError("callers.unknown")
    district = request.path_params.get("code")
    held = caller.roles.highest if district is None else caller.roles.of(district)
    if district is not None and held is None:
        raise UnknownDistrictError.among(district, caller.roles.districts or ())
    if not caller.may_anywhere(wanted) if district is None else not caller.may(wanted, district):
        raise role_error(caller, wanted, district)


def role_error(caller: Caller, wanted: Role, district: str | None) -> RoleError:
    """Return the refusal of a caller whose role is too low."""
    held = caller.roles.highest if district is None else caller.roles.of(district)
    who = caller.name or Message("callers.nobody")
    about = {"who": who, "held": held or Message("callers.no_role"), "wanted": wanted}
    if district is None:
        return RoleError("callers.role", **about)
    return RoleError("callers.role_in_district", **about, district=district)
