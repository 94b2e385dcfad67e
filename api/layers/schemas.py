"""Examples of layers for the API document."""

from typing import Any, Final

from api.formats.aliases import Json
from api.http.schemas import LINE, POINT, SQUARE, Provenance, WalkMeta, example_collection
from api.layers.answers import unknown_columns
from api.layers.walk_edges import WALK_EDGE_COLUMNS
from geo.model.layer_columns import KEYS, example_row, shown_columns


def _example(layer: str, shape: Json, about: Json, **more: Any) -> Json:  # noqa: ANN401 - as JSON
    row = {**example_row(layer, shown_columns(layer)), **more}
    return example_collection(str(row[KEYS[layer]]), row, shape, about)


GRIDS: Final = _example(
    "grids",
    SQUARE,
    Provenance.EXAMPLE,
    origin="synthetic",
    households=40,
    buildings=3,
    worker="W01",
)
SERVICE_POINTS: Final = _example(
    "service_points", POINT, {**WalkMeta.EXAMPLE, "columns": unknown_columns("service_points")},
    origin="synthetic", in_district=True, linked=True, reason="",
)  # fmt: skip
BUILDINGS: Final = _example("buildings", POINT, Provenance.EXAMPLE, small="371602001001101")
BARRIERS: Final = _example("barriers", LINE, Provenance.EXAMPLE)
GATES: Final = _example("gates", POINT, Provenance.EXAMPLE)
OPEN_GROUNDS: Final = _example("open_grounds", SQUARE, Provenance.EXAMPLE)
ENTRANCES: Final = _example("entrances", POINT, Provenance.EXAMPLE)
ORGANISATIONS: Final = _example("organisations", POINT, Provenance.EXAMPLE)
_EDGE: Final = example_row("walk_edges", WALK_EDGE_COLUMNS)
WALK_EDGES: Final = example_collection("1", _EDGE, LINE, Provenance.EXAMPLE)
