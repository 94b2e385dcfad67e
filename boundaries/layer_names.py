"""What layers are called where a message names them."""

from typing import Final

from geo.messages import Message

LAYER_NAMES: Final = {
    "boundary": Message("layers.boundary"),
    "grids": Message("layers.grids"),
    "buildings": Message("layers.buildings"),
    "service_points": Message("layers.service_points"),
    "walk_edges": Message("layers.walk_edges"),
    "barriers": Message("layers.barriers"),
    "gates": Message("layers.gates"),
    "open_grounds": Message("layers.open_grounds"),
    "entrances": Message("layers.entrances"),
    "workers": Message("layers.workers"),
    "organisations": Message("layers.organisations"),
    "households": Message("layers.households"),
}
"""By layer, of the boundary, and of what a table counts."""
