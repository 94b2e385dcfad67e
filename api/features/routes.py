"""Features one by one: read, read as they were, made, replaced, changed and removed."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.routing import Match
from starlette.types import Scope

from api.features.answers import Place
from api.features.bodies import FeatureLayer
from api.features.schemas import (
    CHANGED,
    FEATURE_IN,
    FEATURE_PATCH,
    FeatureAnswer,
    Gone,
    VersionsAnswer,
)
from api.formats.json import dumps
from api.http.bodies import Body
from api.http.dependencies import (
    ServiceDep,
    answer_content,
    answer_uncached,
    caching,
    find_district,
    refuse_if_known,
)
from api.http.etags import tag
from api.http.openapi import responses
from api.http.permissions import CommitDep, Editable
from api.http.plan_paths import PLAN_WORDS, names_plan, sent_path
from api.http.preconditions import HasSeen, HasSeenOrNew
from api.http.query_parameters import AsOfMoment, Code

_STATES: Final = "/versions"
"""End of the path of all states of a feature."""


class _LayerConvertor(StringConvertor):
    regex = "|".join(FeatureLayer)


class _KeyConvertor(StringConvertor):
    """A key may hold slashes, as ``way/5`` of OpenStreetMap does."""

    regex = "(?s:.+)"


class _FeatureRoute(APIRoute):
    """A route of one feature, or of its states where the path ends in ``/versions``.

    Which it is, the path says as it was sent: ``%2Fversions`` at its end belongs to the key. So
    does ``%63heck`` of a grid, where ``check`` is the plan's (:mod:`api.http.plan_paths`).
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a request is for this route."""
        if sent_path(scope).endswith(_STATES.encode()) != self.path.endswith(_STATES):
            return Match.NONE, {}
        match, child = super().matches(scope)
        named = child.get("path_params", {})
        if named.get("layer") == FeatureLayer.GRIDS and named.get("key") in PLAN_WORDS:
            return (Match.NONE, {}) if names_plan(scope) else (match, child)
        return match, child


register_url_convertor("feature_layer", _LayerConvertor())
register_url_convertor("feature_key", _KeyConvertor())
router = APIRouter(tags=["features"], route_class=_FeatureRoute)
_URL = "/districts/{code}/{layer:feature_layer}/{key:feature_key}"
_GEOJSON = "application/geo+json"
_BODY = {
    "required": True,
    "content": {_GEOJSON: {"schema": {"type": "object"}, "example": FEATURE_IN}},
}
_PATCH = {
    "required": True,
    "content": {
        "application/merge-patch+json": {
            "schema": {"type": "object"},
            "example": FEATURE_PATCH,
        }
    },
}
_CHANGING = (400, 403, 404, 412, 413, 422, 428)


def _place(
    service: ServiceDep,
    code: Code,
    layer: Annotated[FeatureLayer, Path(description="Layer.", examples=["service-points"])],
    key: Annotated[
        str,
        Path(
            description="Key of the feature; a slash in it stands as it is, or as `%2F`, "
            "which it must before `versions` at the end. A grid whose code is `check`, "
            "`completeness`, `edits` or `repair` is named with its first letter as `%63`, "
            "`%65` or `%72`.",
            examples=["p1"],
            max_length=200,
        ),
    ],
) -> Place:
    return Place(service.snapshots.store, find_district(service, code), layer, key)


At = Annotated[Place, Depends(_place)]


@router.get(
    _URL + _STATES,
    summary="Get all states of a feature",
    response_model=VersionsAnswer,
    responses=responses(VersionsAnswer, 304, 400, 404),
)
def get_versions(request: Request, place: At) -> Response:
    """Return what the feature is and was, newest first: since and until when, and who made it so.

    `since` and `until` are revisions; `valid_from` and `valid_to` are days, the last without it.
    """
    return answer_content(request, place.history())


@router.get(
    _URL,
    summary="Get one feature",
    response_model=FeatureAnswer,
    responses=responses(FeatureAnswer, 304, 400, 404, media_type=_GEOJSON),
)
def get_feature(request: Request, place: At, as_of: AsOfMoment) -> Response:
    """Return a feature to the last digit, as it is or as it was.

    Its ETag is the revision since which it is as it is: changes of others leave it alone.
    """
    version = place.current(as_of)
    etag = tag(version.since)
    refuse_if_known(request, etag)
    body = dumps(place.describe(version))
    return Response(body, media_type=_GEOJSON, headers=caching(etag))


@router.put(
    _URL,
    summary="Make or replace a feature",
    response_model=FeatureAnswer,
    responses={
        **responses(CHANGED, *_CHANGING, media_type=_GEOJSON),
        **responses(CHANGED, media_type=_GEOJSON, status=201, description="Made."),
    },
    dependencies=[Editable],
    openapi_extra={"requestBody": _BODY},
)
def put_feature(
    service: ServiceDep, place: At, body: Body, *, seen: HasSeenOrNew, commit: CommitDep
) -> Response:
    """Store the body, a GeoJSON feature, in place of the feature.

    `If-None-Match: *` makes it, `If-Match` with its ETag replaces it. Properties that the body
    leaves out take their neutral value. A place of demand that the body does not tell is worked
    out from the geometry. The answer is what is stored, with its new ETag, status 201 if it is new.
    """
    standard = service.snapshots.standard
    revision, is_new = place.put(body, seen, standard=standard, commit=commit)
    return _changed(place, revision, status=201 if is_new else 200)


@router.patch(
    _URL,
    summary="Change a feature",
    response_model=FeatureAnswer,
    responses=responses(CHANGED, *_CHANGING, media_type=_GEOJSON),
    dependencies=[Editable],
    openapi_extra={"requestBody": _PATCH},
)
def patch_feature(
    service: ServiceDep, place: At, body: Body, *, seen: HasSeen, commit: CommitDep
) -> Response:
    """Change the properties that the body names, and the geometry if it has one.

    `If-Match` has the ETag of the feature as the caller has seen it; if it is another one by now,
    412 tells what is there and who changed it.
    """
    revision = place.patch(body, seen, standard=service.snapshots.standard, commit=commit)
    return _changed(place, revision)


@router.delete(
    _URL,
    summary="Remove a feature",
    response_model=Gone,
    responses=responses(Gone, 400, 403, 404, 412, 422, 428),
    dependencies=[Editable],
)
def delete_feature(place: At, *, seen: HasSeen, commit: CommitDep) -> Response:
    """Take a feature away; what it was stays in its versions.

    `If-Match` has its ETag. A grid takes its service worker along; one that has grids below it
    cannot be removed before them.
    """
    revision = place.delete(seen, commit=commit)
    body = {
        "district": place.code,
        "layer": str(place.layer),
        "key": place.key,
        "revision": revision,
    }
    return answer_uncached(body)


def _changed(place: Place, revision: int, *, status: int = 200) -> Response:
    """Return the feature as a change has made it, with its new ETag."""
    version = place.current(revision)
    body = dumps(place.describe(version, revision=revision))
    headers = {"ETag": tag(version.since), "Cache-Control": "no-store"}
    return Response(body, status_code=status, media_type=_GEOJSON, headers=headers)
