"""Schemas of editions."""

from typing import ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Shape


class EditionShape(Shape):
    """The grids of one revision under a name."""

    name: str
    state: Literal["draft", "published"]
    revision: int = Field(description="Of the district, whose grids it names.")
    dated: str = Field(description="Day that the plan bears.")
    at: str = Field(description="Of its last change.")
    actor: str
    note: str
    sha256: str = Field(description="Of the grids; checked whenever they are read.")

    EXAMPLE: ClassVar[Json] = {
        "name": "2026 方案",
        "state": "published",
        "revision": 7,
        "dated": "2026-03-01",
        "at": "2026-03-02T08:30:00+00:00",
        "actor": "planning office",
        "note": "",
        "sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    }


class EditionAnswer(EditionShape):
    """One edition of a district."""

    district: str

    EXAMPLE: ClassVar[Json] = {"district": "371602", **EditionShape.EXAMPLE}


class EditionsAnswer(Shape):
    """The editions of a grid plan, by the day they bear."""

    district: str
    editions: list[EditionShape]

    EXAMPLE: ClassVar[Json] = {"district": "371602", "editions": [EditionShape.EXAMPLE]}


class EditionIn(Shape):
    """What a draft is to bear."""

    dated: str = Field(description="Day, for instance 2026-03-01.")
    note: str = Field(default="", max_length=1_000)

    EXAMPLE: ClassVar[Json] = {"dated": "2026-03-01", "note": ""}
