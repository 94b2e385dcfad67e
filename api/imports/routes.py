"""Imports: a file for a layer of a district, read by a job."""

from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.errors import ParameterError
from api.http.bodies import read_body
from api.http.dependencies import (
    Serving,
    answer_content,
    answer_uncached,
    check_code,
    find_district,
)
from api.http.openapi import responses
from api.http.permissions import Doing, Editable
from api.http.preconditions import HasSeen
from api.http.query_parameters import Code
from api.imports.answers import imports_answer, undo
from api.imports.job import IMPORT, OSM
from api.imports.schemas import ImportsAnswer, UndoAnswer
from api.jobs.dependencies import Running, answer_accepted
from api.jobs.schemas import QUEUED, JobShape
from geo.errors import InputError

router = APIRouter()


@router.get(
    "/districts/{code}/imports",
    tags=["history"],
    summary="List the imports",
    response_model=ImportsAnswer,
    responses=responses(ImportsAnswer, 304, 400, 404),
)
def get_imports(request: Request, service: Serving, code: Code) -> Response:
    """Every file that was imported, newest first: its hash, and its report row by row."""
    find_district(service, code)
    return answer_content(request, imports_answer(service.snapshots.store, code))


@router.post(
    "/districts/{code}/undo",
    tags=["history"],
    summary="Undo the last import",
    response_model=UndoAnswer,
    responses=responses(UndoAnswer, 400, 403, 404, 412, 428),
    dependencies=[Editable],
)
def post_undo(service: Serving, code: Code, *, seen: HasSeen, deed: Doing) -> Response:
    """Store what was there before the last import, as a new revision, as of the import's day.

    `If-Match` has the revision of the district, for instance `"12"`. Only the newest change can be
    undone; an import that made the district is undone by deleting it.
    """
    find_district(service, code)
    return answer_uncached(undo(service.snapshots.store, code, deed=deed, seen=seen))


_LONGEST_NAME: Final = 200  # bytes; file systems take 255
_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/octet-stream": {
            "schema": {"type": "string", "format": "binary"},
            "example": "point_id,category,name,lon,lat\np1,catering,社区食堂,118.002,37.38\n",
        }
    },
}


class ImportLayer(StrEnum):
    """What the file of an import holds."""

    BOUNDARY = "boundary"
    GRIDS = "grids"
    BUILDINGS = "buildings"
    SERVICE_POINTS = "service_points"
    ORGANISATIONS = "organisations"
    OSM = OSM


Layer = Annotated[
    ImportLayer,
    Query(
        description="What the file holds; `osm` is an OpenStreetMap extract of everything.",
        examples=["service_points"],
    ),
]
Filename = Annotated[
    str,
    Query(
        description="Name of the file; its ending says what it is.",
        examples=["points.csv"],
        min_length=1,
        max_length=_LONGEST_NAME,
        pattern=r"^[^./\\\x00-\x1f][^/\\\x00-\x1f]*$",
    ),
]
Crs = Annotated[
    str | None,
    Query(
        description="CRS of the file where it does not say.",
        examples=["EPSG:4490"],
        max_length=100,
    ),
]
Add = Annotated[
    bool,
    Query(
        description="Whether rows that are there stay; the same key takes the new row.",
        examples=[False],
    ),
]
DryRun = Annotated[bool, Query(description="Whether to report and write nothing.", examples=[True])]
NameZh = Annotated[
    str | None,
    Query(description="Chinese name of a new district.", examples=["滨城区"], max_length=200),
]
NameEn = Annotated[
    str | None,
    Query(description="English name of a new district.", examples=["Bincheng"], max_length=200),
]


@router.post(
    "/districts/{code}/imports",
    tags=["jobs"],
    summary="Import a file",
    status_code=202,
    response_model=JobShape,
    dependencies=[Editable],
    responses=responses(QUEUED, 400, 403, 413, status=202, description="A job does it."),
    openapi_extra={"requestBody": _BODY},
)
async def post_import(
    request: Request,
    service: Serving,
    jobs: Running,
    code: Code,
    *,
    deed: Doing,
    layer: Layer,
    filename: Filename,
    crs: Crs = None,
    add: Add = False,
    dry_run: DryRun = False,
    name_zh: NameZh = None,
    name_en: NameEn = None,
) -> Response:
    """Read a file (the body, as it is) into a layer, as `lifecircle load` does: all or nothing.

    The answer comes at once and names the job; its result is the import report, its error what was
    wrong with the file. A boundary or an extract makes a district that is not there.
    """
    check_code(code)
    _check(layer, filename, crs=crs, add=add)
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise InputError(
            "Got a multipart form; wanted the file itself as the body. Send it with "
            "`curl --data-binary @FILE`."
        )
    content = await read_body(
        request, limit=service.settings.max_import_bytes, advice="Load it with `lifecircle load`."
    )
    if not content:
        raise InputError("The body is empty; wanted the file to import. Send it as the body.")
    parameters = {
        "layer": str(layer),
        "filename": filename,
        "crs": crs,
        "add": add,
        "valid_from": None if deed.valid_from is None else str(deed.valid_from),
        "dry_run": dry_run,
        "name_zh": name_zh,
        "name_en": name_en,
    }
    job = await run_in_threadpool(
        jobs.submit, IMPORT, parameters, district=code, actor=deed.actor, content=content
    )
    return answer_accepted(request, job)


def _check(layer: ImportLayer, filename: str, *, crs: str | None, add: bool) -> None:
    """Raise `ParameterError` for a name that is no file's, and what a layer does not know."""
    if len(filename.encode("utf-8", "replace")) > _LONGEST_NAME:
        raise ParameterError("filename", "The filename is too long; wanted a shorter one.")
    if add and layer in {ImportLayer.BOUNDARY, ImportLayer.OSM}:
        raise ParameterError("add", f"Got add with {layer}; it has no rows to keep. Leave it out.")
    if crs is not None and layer == ImportLayer.OSM:
        raise ParameterError("crs", "Got crs with osm, which is always EPSG:4326. Leave it out.")
