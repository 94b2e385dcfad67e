"""Schemas of the answers about the service itself."""

from typing import ClassVar, Literal

from api.formats.aliases import Json
from api.http.schemas import Shape
from api.version import code_version


class Health(Shape):
    """The service is alive."""

    status: Literal["ok"]
    version: str

    EXAMPLE: ClassVar[Json] = {"status": "ok", "version": code_version()}


class Ready(Shape):
    """The service can answer questions."""

    status: Literal["ready"]

    EXAMPLE: ClassVar[Json] = {"status": "ready"}


METRICS: str = """\
# HELP lifecircle_requests_total Requests answered.
# TYPE lifecircle_requests_total counter
lifecircle_requests_total{method="GET",route="/districts",status="200"} 7.0
"""
