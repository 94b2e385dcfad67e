"""Shapes of coverage runs, for the API document."""

from typing import Any

from pydantic import Field

from api.models import Shape


class RunStandard(Shape):
    """The standard of a run."""

    id: str
    version: str
    fingerprint: str = Field(description="Hash of its content.")


class WholeStandard(RunStandard):
    """The standard of a run, whole."""

    content: dict[str, Any] = Field(description="Every figure with its source.")


class RunParameters(Shape):
    """What a run answers."""

    minutes: float
    own_points: bool
    at: str | None = Field(description="Local time at which gates are open or closed.")


class Ingredients(Shape):
    """All that the figures of a run depend on."""

    district: str
    revision: int
    data: dict[str, str] = Field(description="Hash of the boundary and of each layer.")
    network: str = Field(description="Hash of the walk network: its layers, the walker, the code.")
    standard: RunStandard
    profile: str
    parameters: RunParameters
    code_version: str
    code: str = Field(description="Hash of the code that computes.")


class WholeIngredients(Ingredients):
    """The same, with the standard whole."""

    standard: WholeStandard


class RunHead(Shape):
    """A result that was kept."""

    run: str = Field(description="Hash of the ingredients and of the result.")
    district: str
    revision: int
    kind: str
    at: str = Field(description="When it was kept; UTC, ISO 8601.")
    actor: str
    sha256: str = Field(description="Of the result as bytes; the same whenever it is run again.")
    ingredients: Ingredients


class RunsAnswer(Shape):
    """The runs of a district, newest first."""

    runs: list[RunHead]


class RunRow(Shape):
    """Households that a category reaches."""

    code: str | None = Field(description="Of the grid; null for the whole district.")
    category: str = Field(description="Of the standard, or `all`.")
    households: int
    covered: int
    coverage: float | None = Field(description="Share 0..1; null where there are no households.")


class RunAnswer(RunHead):
    """One run with its figures."""

    ingredients: WholeIngredients
    rows: list[RunRow]
