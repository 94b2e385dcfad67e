"""Options of the bands and weights that grids are drawn by."""

from typing import Annotated

import typer

from api.formats.aliases import Json
from geo.errors import InputError

BandOption = Annotated[
    tuple[int, int] | None,
    typer.Option("--band", metavar="LEAST MOST", help="Households of a small grid."),
]
BeatOption = Annotated[
    tuple[int, int] | None,
    typer.Option("--beat", metavar="LEAST MOST", help="Households of a beat."),
]
WeightOption = Annotated[
    list[str] | None,
    typer.Option(
        "--weight", metavar="NAME=NUMBER", help="Weight of the search, as shape=8; may be repeated."
    ),
]

ReachOption = Annotated[
    float | None,
    typer.Option("--reach", metavar="METRES", help="Walk within which detached homes join others."),
]


def asked_rules(
    *,
    band: tuple[int, int] | None,
    beat: tuple[int, int] | None,
    weight: list[str] | None,
    reach: float | None = None,
) -> Json:
    """Return the rules that the options ask for.

    Raises
    ------
    InputError
        If a weight is no name with its number.

    Examples
    --------
    >>> asked_rules(band=(20, 40), beat=None, weight=["shape=4", "crossing=0,0,1,2,4,8"])["weights"]
    {'shape': 4.0, 'crossing': [0.0, 0.0, 1.0, 2.0, 4.0, 8.0]}
    """
    asked: Json = {"weights": dict(map(_weight, weight))} if weight else {}
    asked |= {} if reach is None else {"reach": reach}
    ends = {"band": band, "beat": beat}
    return asked | {name: list(each) for name, each in ends.items() if each is not None}


def _weight(text: str) -> tuple[str, float | list[float]]:
    name, _, value = text.partition("=")
    try:
        numbers = [float(each) for each in value.split(",")]
    except ValueError:
        raise InputError("cli_partition.weight", got=text) from None
    return name.strip(), numbers if name.strip() == "crossing" else numbers[0]
