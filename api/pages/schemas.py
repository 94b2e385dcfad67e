"""Schema of the health answer."""

from typing import ClassVar, Literal

from api.formats.aliases import Json
from api.http.schemas import Shape
from api.version import code_version


class Health(Shape):
    """The service is alive."""

    status: Literal["ok"]
    version: str

    EXAMPLE: ClassVar[Json] = {"status": "ok", "version": code_version()}
