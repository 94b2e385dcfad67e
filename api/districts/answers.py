"""Answers about districts."""

from api.formats.aliases import Json
from api.formats.json import geometries
from api.snapshot.district import Snapshot, extent
from api.snapshot.provenance import provenance
from api.standards.answers import standard_detail


def summary(snapshot: Snapshot) -> Json:
    """Return the district as it stands in the list of districts."""
    district, layers = snapshot.district, snapshot.layers
    levels = layers.grids["level"].value_counts()
    about = provenance(district)
    about.pop("code_version")
    return {
        "code": about.pop("district"),
        "name_zh": district.name_zh,
        "name_en": district.name_en,
        **about,
        "bbox": extent(snapshot),
        "epsg": district.epsg,
        "counts": {
            **{level: int(levels.get(level, 0)) for level in ("large", "medium", "small")},
            "buildings": len(layers.buildings),
            "households": int(layers.buildings["households"].sum()),
            "service_points": len(layers.service_points),
            "walk_edges": len(layers.walk_edges),
            "barriers": len(layers.barriers),
            "gates": len(layers.gates),
            "workers": int(layers.workers["worker_code"].nunique()),
        },
    }


def district_detail(snapshot: Snapshot) -> Json:
    """Return the summary, the boundary and the standard that answers are given by."""
    boundary = geometries([snapshot.district.boundary])[0]
    return {
        **summary(snapshot),
        "boundary": boundary,
        "standard": standard_detail(snapshot.standard),
    }
