"""What a request works with: the store's snapshots, and the question it asks of one district."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Annotated

import pandas as pd
from fastapi import Depends, Request, Response

from api.errors import NotModifiedError, ParameterError, shown
from api.formats.aliases import Json
from api.formats.csv import csv_bytes
from api.formats.json import dumps
from api.http.callers.state import caller_of
from api.http.etags import names_tag
from api.http.query_parameters import AsOfMoment, Code
from api.http.scope import DISTRICT_CODE, audience, note_tag, noted_mark
from api.settings import Settings
from api.snapshot.cache import Snapshots
from api.snapshot.district import Snapshot
from api.snapshot.provenance import as_of_note
from api.version import code_version
from boundaries.standards.json import fingerprint
from boundaries.store.rows.read import AsOf
from boundaries.store.tables.account_tables import Role
from boundaries.store.tables.records import Edition, Mark
from geo.errors import NotFoundError
from geo.messages import language
from geo.model.layers import District
from geo.model.standard import Standard


@dataclass(frozen=True, slots=True)
class Service:
    """The settings and the snapshots that one running service answers from."""

    settings: Settings
    snapshots: Snapshots

    def snapshot(self, request: Request, code: str, as_of: AsOf | None = None) -> Snapshot:
        """Return a district as the caller of a request may see it: protected for viewers."""
        if is_protected(request, code):
            return self.snapshots.protected(code, as_of)
        return self.snapshots.current(code, as_of)


def is_protected(request: Request, code: str) -> bool:
    """Return whether small counts of a district are kept from the caller of a request."""
    return not caller_of(request.scope).may(Role.PLANNER, code)


def counts_note(request: Request, code: str) -> Json:
    """Return what an answer says of its counts; empty where they are as stored."""
    return {"small_counts": "protected"} if is_protected(request, code) else {}


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(_service)]


@dataclass(frozen=True, slots=True)
class DistrictRequest:
    """A GET request about one district whose answer the caller does not have yet."""

    request: Request
    service: Service
    code: str
    etag: str
    as_of: AsOf | None

    def snapshot(self) -> Snapshot:
        """Return the district, ready to answer; for a viewer with small counts protected."""
        return self.service.snapshot(self.request, self.code, self.as_of)

    def of_edition(self, name: str) -> tuple["DistrictRequest", Edition, Snapshot]:
        """Return an edition, verified by its hash, and the district as of its revision.

        The request for it has an ETag of its own: a draft may be saved anew while the district
        stays as it is.

        Raises
        ------
        ParameterError
            If another moment is asked for as well.
        NotFoundError
            If there is no such edition.
        ConflictError
            If its grids are not those that were saved.
        """
        if self.as_of is not None:
            raise ParameterError("as_of", "parameters.as_of_and_edition")
        result, _ = self.service.snapshots.store.edition(self.code, name)
        etag = f'{self.etag[:-1]}-{result.revision}-{result.sha256[:16]}"'
        snapshot = self.service.snapshot(self.request, self.code, result.revision)
        return replace(self, etag=etag), result, snapshot

    def answer(self, body: Json) -> Response:
        """Return `body` as JSON with an ETag."""
        content = dumps({**body, **self._notes()})
        return self.answer_bytes(content, media_type="application/json")

    def geojson(self, body: Json) -> Response:
        """Return a FeatureCollection."""
        about = {**body["lifecircle"], **self._notes()}
        content = dumps({**body, "lifecircle": about})
        return self.answer_bytes(content, media_type="application/geo+json")

    def csv(self, table: pd.DataFrame, *, name: str) -> Response:
        """Return a table as a CSV file called `name`."""
        if self.as_of is not None:
            name = f"{name.removesuffix('.csv')}-as-of-{self.as_of}.csv"
        if is_protected(self.request, self.code):
            name = f"{name.removesuffix('.csv')}-small-counts-protected.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return self.answer_bytes(
            csv_bytes(table), media_type="text/csv; charset=utf-8", headers=headers
        )

    def _notes(self) -> Json:
        return {**as_of_note(self.as_of), **counts_note(self.request, self.code)}

    def answer_bytes(
        self, content: bytes, *, media_type: str, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Return `content` as `media_type` with an ETag."""
        refuse_if_known(self.request, self.etag)
        everything = {**caching(self.etag), **(headers or {})}
        return Response(content, media_type=media_type, headers=everything)


def caching(etag: str) -> dict[str, str]:
    """Return headers that let a cache keep the answer and ask each time whether it is current."""
    return {"ETag": etag, "Cache-Control": "no-cache"}


def entity_tag(request: Request, standard: Standard, marks: Mapping[str, Mark]) -> str:
    """Return the ETag of a request's answer: it names all that the answer is computed from.

    An answer with this tag may be kept (:mod:`api.http.answers.middleware`).
    """
    parts = [
        code_version(),
        fingerprint(standard),
        language(),
        audience(request.scope),
        request.url.path,
        *sorted(f"{name}={value}" for name, value in request.query_params.multi_items()),
    ]
    for code, mark in sorted(marks.items()):
        parts += [code, str(mark.revision), mark.at]
    digest = sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
    return f'W/"{digest[:24]}"'


def current_tag(request: Request, service: Service, code: str) -> str:
    """Return the ETag of an answer that a district as it is fixes, and note it for the cache.

    Raises
    ------
    NotFoundError
        If there is no such district.
    NotModifiedError
        If the caller has that answer.
    """
    mark = district_mark(request, service, code)
    etag = entity_tag(request, service.snapshots.standard, {code: mark})
    refuse_if_known(request, etag, exists=False)  # whether it does, the answer shows
    note_tag(request.scope, etag)
    return etag


def answer_uncached(body: Json) -> Response:
    """Return `body` as JSON that no cache keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(dumps(body), media_type="application/json", headers=headers)


def answer_content(request: Request, body: Json) -> Response:
    """Return `body` as JSON, unless the caller has exactly that already.

    For small answers that depend on more than the revision of a district.
    """
    content = dumps(body)
    etag = f'W/"{sha256(content).hexdigest()[:24]}"'
    refuse_if_known(request, etag)
    return Response(content, media_type="application/json", headers=caching(etag))


def refuse_if_known(request: Request, etag: str, *, exists: bool = True) -> None:
    """Raise `NotModifiedError` if the caller named `etag`, or ``*`` of what exists."""
    given = request.headers.get("if-none-match", "")
    if names_tag(given, etag) or (exists and given.strip() == "*"):
        raise NotModifiedError(etag)


def check_code(code: str) -> None:
    """Raise `NotFoundError` unless `code` could be that of a district."""
    if not DISTRICT_CODE.fullmatch(code):
        raise NotFoundError("parameters.district_code", got=shown(code))


def district_mark(request: Request, service: Service, code: str) -> Mark:
    """Return the mark that a district had when the request came.

    Raises
    ------
    NotFoundError
        If there is none; the message says how to see which there are.
    """
    check_code(code)
    return noted_mark(request.scope, code) or service.snapshots.mark(code)


def find_district(service: Service, code: str) -> District:
    """Return a district by its code.

    Raises
    ------
    NotFoundError
        If there is none; the message says how to see which there are.
    """
    check_code(code)
    return service.snapshots.store.district(code)


def _district_request(
    request: Request, service: ServiceDep, code: Code, as_of: AsOfMoment
) -> DistrictRequest:
    return DistrictRequest(request, service, code, current_tag(request, service, code), as_of)


DistrictRequestDep = Annotated[DistrictRequest, Depends(_district_request)]
