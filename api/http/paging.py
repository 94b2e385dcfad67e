"""Pages of rows: how many, after which row, and the address of the next page."""

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

MOST_ROWS: Final = 100_000
"""Rows of the largest page."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are asked for.

    Attributes
    ----------
    request : Request
    limit : int or None
        At most so many; None for all.
    after : str or None
        Key of the last row before them.
    """

    request: Request
    limit: int | None
    after: str | None

    def next_page(self, last: str) -> str:
        """Return the address of the page after a row, relative to that of this one."""
        query = [each for each in self.request.query_params.multi_items() if each[0] != "after"]
        return f"?{urlencode([*query, ('after', last)])}"


async def _page(
    request: Request,
    limit: Annotated[
        int | None,
        Query(
            ge=1,
            le=MOST_ROWS,
            description="Rows of a page; all of them when left out.",
            examples=[1000],
        ),
    ] = None,
    after: Annotated[
        str | None,
        Query(
            description="Only what comes after the row with this key, as `next` tells it.",
            examples=["b1"],
            max_length=200,
        ),
    ] = None,
) -> Page:
    return Page(request, limit, after)


PageDep = Annotated[Page, Depends(_page)]
