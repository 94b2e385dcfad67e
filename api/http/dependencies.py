"""What a request works with: the store's snapshots, and the question it asks of one district."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final

import pandas as pd
from fastapi import Depends, Request, Response

from api.errors import NotModifiedError, ParameterError, shown
from api.formats.aliases import Json
from api.formats.csv import csv_bytes
from api.formats.json import dumps
from api.http.etags import names_tag
from api.http.query_parameters import AsOfMoment, Code
from api.settings import Settings
from api.snapshot.cache import Snapshots
from api.snapshot.district import Snapshot
from api.snapshot.provenance import as_of_note
from api.snapshot.single_flight import Once
from api.version import code_version
from boundaries.standards.json import fingerprint
from boundaries.store.rows.read import AsOf
from boundaries.store.tables.records import Edition
from geo.errors import NotFoundError
from geo.model.layers import District

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Service:
    """The settings and the snapshots that one running service answers from."""

    settings: Settings
    snapshots: Snapshots
    remembered: Once

    def stamp(self, district: District) -> str:
        """Return when a district was last imported, remembered per revision.

        It tells apart two databases in which the same code has the same revision.
        """

        def last() -> str:
            imports = self.snapshots.store.imports(district.code)
            return imports[-1].imported_at if imports else ""

        return self.remembered.get(("stamp", district.code, district.revision), last)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(_service)]


@dataclass(frozen=True, slots=True)
class Question:
    """A GET request about one district whose answer the caller does not have yet."""

    request: Request
    service: Service
    code: str
    etag: str
    as_of: AsOf | None

    def snapshot(self) -> Snapshot:
        """Return the district, ready to answer."""
        return self.service.snapshots.current(self.code, self.as_of)

    def edition(self, name: str) -> tuple[Edition, Snapshot]:
        """Return an edition, verified by its hash, and the district as of its revision.

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
            raise ParameterError("as_of", "Got as_of and an edition; wanted one of them.")
        result, _ = self.service.snapshots.store.edition(self.code, name)
        return result, self.service.snapshots.current(self.code, result.revision)

    def answer(self, body: Json) -> Response:
        """Return `body` as JSON with an ETag."""
        content = dumps({**body, **as_of_note(self.as_of)})
        return self.answer_bytes(content, media_type="application/json")

    def geojson(self, body: Json) -> Response:
        """Return a FeatureCollection."""
        about = {**body["lifecircle"], **as_of_note(self.as_of)}
        content = dumps({**body, "lifecircle": about})
        return self.answer_bytes(content, media_type="application/geo+json")

    def csv(self, table: pd.DataFrame, *, name: str) -> Response:
        """Return a table as a CSV file called `name`."""
        if self.as_of is not None:
            name = f"{name.removesuffix('.csv')}-as-of-{self.as_of}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return self.answer_bytes(
            csv_bytes(table), media_type="text/csv; charset=utf-8", headers=headers
        )

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


def entity_tag(request: Request, service: Service, districts: list[District]) -> str:
    """Return the ETag of a request's answer: it names all that the answer is computed from."""
    parts = [
        code_version(),
        fingerprint(service.snapshots.standard),
        request.url.path,
        *sorted(f"{name}={value}" for name, value in request.query_params.multi_items()),
    ]
    for district in districts:
        parts += [district.code, str(district.revision), service.stamp(district)]
    digest = sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
    return f'W/"{digest[:24]}"'


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
    if not _CODE.fullmatch(code):
        raise NotFoundError(f"Got district {shown(code)!r}; wanted letters, digits, - and _.")


def find_district(service: Service, code: str) -> District:
    """Return a district by its code.

    Raises
    ------
    NotFoundError
        If there is none; the message says how to see which there are.
    """
    check_code(code)
    return service.snapshots.store.district(code)


def _question(request: Request, service: Serving, code: Code, as_of: AsOfMoment) -> Question:
    district = find_district(service, code)
    etag = entity_tag(request, service, [district])
    refuse_if_known(request, etag, exists=False)  # whether it does, the answer shows
    return Question(request, service, code, etag, as_of)


Asked = Annotated[Question, Depends(_question)]
