"""Draw governance grids and beats: small grids of 30-50 households, strictly nested, and who works.

The ground is cut by barriers and streets into enclosures, and those into the grounds of their
buildings (`bounds`, `territories`, `atoms`, `enclosures`); large and medium grids come from the
enclosures (`parents`); small grids and beats are searched together (`trees`, `joint`, `pairs`,
`search`) and become layers (`frames`, `beats`, `report`). `update` changes as few grids as possible
when buildings change.
"""

from geo.partition.atoms.band import BEAT_BAND, SMALL_BAND, Band
from geo.partition.outputs.report import PartitionReport, polsby_popper
from geo.partition.pipeline import PartitionResult, partition
from geo.partition.search import Weights

__all__ = [
    "BEAT_BAND",
    "SMALL_BAND",
    "Band",
    "PartitionReport",
    "PartitionResult",
    "Weights",
    "partition",
    "polsby_popper",
]
