"""Editions of a grid plan: drafted, published, and from then on as they are."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import ValidationError

from api.editions.answers import edition_row, editions_answer
from api.editions.schemas import EditionAnswer, EditionIn, EditionsAnswer
from api.errors import UnprocessableError
from api.formats.aliases import Json
from api.formats.json import read_json
from api.http.bodies import Body
from api.http.dependencies import ServiceDep, answer_content, answer_uncached, find_district
from api.http.openapi import responses
from api.http.permissions import Actor, Editable
from api.http.query_parameters import Code
from api.parameters import parse_day
from api.validation import fault_of
from boundaries.store.tables.records import Commit, Edition
from geo.messages import Message

router = APIRouter(tags=["editions"])
Name = Annotated[str, Path(description="Name of the edition.", examples=["2026 方案"])]
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/EditionIn"},
            "example": EditionIn.EXAMPLE,
        }
    },
}


@router.get(
    "/districts/{code}/editions",
    summary="List the editions",
    response_model=EditionsAnswer,
    responses=responses(EditionsAnswer, 304, 400, 404),
)
def get_editions(request: Request, service: ServiceDep, code: Code) -> Response:
    """Drafts and published editions of the grid plan; `grids?edition=` gives the grids of one."""
    find_district(service, code)
    return answer_content(request, editions_answer(service.snapshots.store, code))


@router.get(
    "/districts/{code}/editions/{name}",
    summary="Describe an edition",
    response_model=EditionAnswer,
    responses=responses(EditionAnswer, 304, 400, 404, 409),
)
def get_edition(request: Request, service: ServiceDep, code: Code, name: Name) -> Response:
    """Tell an edition; its grids are held against their hash first."""
    find_district(service, code)
    result, _ = service.snapshots.store.edition(code, name)
    return answer_content(request, _body(code, result))


@router.put(
    "/districts/{code}/editions/{name}",
    summary="Save a draft",
    response_model=EditionAnswer,
    responses=responses(EditionAnswer, 400, 403, 404, 409, 413, 422),
    dependencies=[Editable],
    openapi_extra={"requestBody": _BODY},
)
def put_edition(service: ServiceDep, code: Code, name: Name, body: Body, actor: Actor) -> Response:
    """Keep the grids as they are now under this name, in place of its earlier draft.

    A published edition never changes: 409.
    """
    find_district(service, code)
    members = read_json(body, wanted=Message("editions.members"))
    try:
        edition = EditionIn.model_validate(members)
    except ValidationError as error:
        raise UnprocessableError(
            {".".join(map(str, each["loc"])) or "body": fault_of(each) for each in error.errors()}
        ) from None
    dated = parse_day(edition.dated, name="dated")
    store, commit = service.snapshots.store, Commit(actor=actor)
    return _answer(
        code, store.save_edition(code, name, dated=dated, note=edition.note, commit=commit)
    )


@router.post(
    "/districts/{code}/editions/{name}/publish",
    summary="Publish a draft",
    response_model=EditionAnswer,
    responses=responses(EditionAnswer, 400, 403, 404, 409),
    dependencies=[Editable],
)
def publish_edition(service: ServiceDep, code: Code, name: Name, actor: Actor) -> Response:
    """Publish a draft as it was saved; from then on it never changes."""
    find_district(service, code)
    store = service.snapshots.store
    return _answer(code, store.publish_edition(code, name, commit=Commit(actor=actor)))


def _body(code: str, edition: Edition) -> Json:
    return {"district": code, **edition_row(edition)}


def _answer(code: str, edition: Edition) -> Response:
    return answer_uncached(_body(code, edition))
