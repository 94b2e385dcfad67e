"""Imports: a file for a layer of a district, read by a job."""

from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.errors import ParameterError, PreconditionRequiredError
from api.http.dependencies import (
    ServiceDep,
    answer_content,
    answer_uncached,
    check_code,
    find_district,
)
from api.http.openapi import responses
from api.http.permissions import CommitDep, Editable, require_editable
from api.http.preconditions import MaySeen
from api.http.query_parameters import Code
from api.imports.answers import imports_answer, undo
from api.imports.job import IMPORT, OSM
from api.imports.schemas import ImportsAnswer, UndoAnswer
from api.jobs.dependencies import Running, answer_accepted
from api.jobs.schemas import JobShape
from api.jobs.uploads import received
from boundaries.readers.aliases import columns_told
from geo.errors import InputError

router = APIRouter()


@router.get(
    "/districts/{code}/imports",
    tags=["history"],
    summary="List the imports",
    response_model=ImportsAnswer,
    responses=responses(ImportsAnswer, 304, 400, 404),
)
def get_imports(request: Request, service: ServiceDep, code: Code) -> Response:
    """Every file that was imported, newest first: its hash, and its report row by row."""
    find_district(service, code)
    return answer_content(request, imports_answer(service.snapshots.store, code))


@router.post(
    "/districts/{code}/undo",
    tags=["history"],
    summary="Undo a change",
    response_model=UndoAnswer,
    responses=responses(UndoAnswer, 400, 403, 404, 409, 412, 422, 428),
)
def post_undo(
    request: Request,
    service: ServiceDep,
    code: Code,
    *,
    seen: MaySeen,
    commit: CommitDep,
    revision: Annotated[
        int | None,
        Query(ge=1, description="That made the change; else the newest.", examples=[12]),
    ] = None,
    preview: Annotated[
        bool, Query(description="True: tell what it would do, and save nothing.", examples=[True])
    ] = False,
) -> Response:
    """Put back what a change did, as a new revision: an edit, an import, what a program wrote.

    By default the newest change that is no undo and not undone, so that undos go back step by step;
    an undo is undone by its own revision. What others changed since stays; where they changed the
    same again, 409 names it. Saving needs `If-Match` with the revision of the district, for
    instance `"12"`. The newest change is undone as of its day, another as of today. An import that
    made the district is undone by deleting it.
    """
    if not preview:
        require_editable(request, service)
    find_district(service, code)
    if seen is None and not preview:
        raise PreconditionRequiredError("preconditions.no_version")
    store = service.snapshots.store
    seen = None if preview else seen
    return answer_uncached(undo(store, code, revision, commit=commit, seen=seen, preview=preview))


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
    OPEN_GROUNDS = "open_grounds"
    WALK_EDGES = "walk_edges"
    ENTRANCES = "entrances"
    ORGANISATIONS = "organisations"
    WORKERS = "workers"
    HOUSEHOLDS = "households"
    OSM = OSM


Layer = Annotated[
    ImportLayer,
    Query(
        description="What the file holds; `osm` is an OpenStreetMap extract of everything, "
        "`households` a table that counts the households of buildings that are there.",
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
        description="CRS of the file where it does not say; also GCJ-02, BD-09 or local.",
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
Faulty = Annotated[
    bool,
    Query(
        description="Whether grids that overlap or leave gaps are stored all the same.",
        examples=[False],
    ),
]
AcceptLosses = Annotated[
    bool,
    Query(
        description="Whether a file is stored though many of its rows are rejected, its codes have "
        "lost digits, or the layer would have less than half its rows.",
        examples=[False],
    ),
]
Encoding = Annotated[
    str | None,
    Query(
        description="Encoding of its text where the file does not say.",
        examples=["BIG5"],
        max_length=40,
    ),
]
Part = Annotated[
    str | None,
    Query(
        description="Sheet or layer of the file, where it has several; `*` for all sheets with the "
        "same columns.",
        examples=["楼栋"],
        max_length=200,
    ),
]
Columns = Annotated[
    list[str] | None,
    Query(
        alias="map",
        description="What the file calls a column, `NAME=COLUMN`; may be repeated.",
        examples=[["households=常住户"]],
        max_length=50,
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
    responses=responses(
        JobShape.QUEUED, 400, 403, 404, 413, status=202, description="A job does it."
    ),
    openapi_extra={"requestBody": _BODY},
)
async def post_import(
    request: Request,
    jobs: Running,
    code: Code,
    *,
    commit: CommitDep,
    layer: Layer,
    filename: Filename,
    crs: Crs = None,
    add: Add = False,
    faulty: Faulty = False,
    accept_losses: AcceptLosses = False,
    encoding: Encoding = None,
    part: Part = None,
    columns: Columns = None,
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
        raise InputError("upload.multipart")
    parameters = {
        "layer": str(layer),
        "filename": filename,
        "crs": crs,
        "add": add,
        "faulty": faulty,
        "accept_losses": accept_losses,
        "encoding": encoding,
        "part": part,
        "columns": columns_told(columns or ()),
        "valid_from": None if commit.valid_from is None else str(commit.valid_from),
        "dry_run": dry_run,
        "name_zh": name_zh,
        "name_en": name_en,
    }
    async with received(request, jobs, filename) as upload:
        if not upload.size:
            raise InputError("upload.empty")
        job = await run_in_threadpool(
            jobs.submit, IMPORT, parameters, district=code, actor=commit.actor, upload=upload
        )
    return answer_accepted(request, job)


def _check(layer: ImportLayer, filename: str, *, crs: str | None, add: bool) -> None:
    """Raise `ParameterError` for a name that is no file's, and what a layer does not know."""
    if len(filename.encode("utf-8", "replace")) > _LONGEST_NAME:
        raise ParameterError("filename", "upload.long_name", most=_LONGEST_NAME)
    if add and layer in {ImportLayer.BOUNDARY, ImportLayer.HOUSEHOLDS, ImportLayer.OSM}:
        raise ParameterError("add", "upload.add", layer=str(layer))
    if crs is not None and layer == ImportLayer.OSM:
        raise ParameterError("crs", "upload.crs_of_osm")
    if crs is not None and layer == ImportLayer.HOUSEHOLDS:
        raise ParameterError("crs", "upload.crs_of_households")
