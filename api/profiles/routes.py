"""Walkers of a district: what they are, and setting its own."""

from fastapi import APIRouter, Request, Response

from api.errors import UnprocessableError
from api.formats.json import read_json
from api.http.bodies import Body
from api.http.dependencies import ServiceDep, answer_content, answer_uncached, find_district
from api.http.openapi import responses
from api.http.permissions import Actor, Editable
from api.http.query_parameters import Code
from api.profiles.answers import profiles_answer, store_profiles
from api.profiles.schemas import OwnProfiles, ProfilesAnswer
from boundaries.store.tables.records import Commit
from geo.errors import SchemaError
from geo.messages import Message

router = APIRouter(tags=["districts"])
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/OwnProfiles"},
            "example": OwnProfiles.EXAMPLE,
        }
    },
}


@router.get(
    "/districts/{code}/profiles",
    summary="List the walkers of a district",
    response_model=ProfilesAnswer,
    responses=responses(ProfilesAnswer, 304, 400, 404),
)
def get_profiles(request: Request, service: ServiceDep, code: Code) -> Response:
    """Return the walkers of the standard, and those that the district has set for itself."""
    find_district(service, code)
    return answer_content(request, profiles_answer(service.snapshot(request, code)))


@router.put(
    "/districts/{code}/profiles",
    summary="Set the district's own walkers",
    response_model=ProfilesAnswer,
    responses=responses(ProfilesAnswer, 400, 403, 404, 413, 422),
    dependencies=[Editable],
    openapi_extra={"requestBody": _BODY},
)
def put_profiles(
    request: Request, service: ServiceDep, code: Code, body: Body, actor: Actor
) -> Response:
    """Store them in place of those it had. Each has a name, a speed, a source, and its rules.

    They are validated as those of a standard are; 422 names every fault.
    """
    find_district(service, code)
    members = read_json(body, wanted=Message("profiles.members"))
    if set(members) != {"profiles"}:
        raise UnprocessableError({"profiles": Message("profiles.members")})
    snapshots = service.snapshots
    try:
        store_profiles(
            snapshots.store,
            code,
            members["profiles"],
            snapshots.standard,
            commit=Commit(actor=actor),
        )
    except SchemaError as error:
        raise UnprocessableError({"profiles": error.message}) from None
    return answer_uncached(profiles_answer(service.snapshot(request, code)))
