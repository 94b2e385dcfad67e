"""Style of the map as one JSON value, shared by the page and the folium file."""

from typing import Any, Final

from maps import classify, palettes

OUTLINE_PX: Final = {"small": 0.6, "medium": 1.3, "large": 2.6}
"""Line width of a grid's outline: the width is the level."""


def style() -> dict[str, Any]:
    """Return colours, class edges and outline widths (pixels) as plain JSON values."""
    return {
        "coverage": {"colours": list(palettes.COVERAGE), "edges": list(classify.COVERAGE_EDGES)},
        "change": {"colours": list(palettes.CHANGE), "edges": list(classify.CHANGE_EDGES)},
        "load": list(palettes.LOAD),
        "beat": palettes.BEAT,
        "open_ground": palettes.OPEN_GROUND,
        "no_data": palettes.NO_DATA,
        "ink": palettes.INK,
        "badges": [{"fill": fill, "ink": palettes.ink_on(fill)} for fill in palettes.BADGES],
        "beside": {"fill": palettes.BESIDE, "ink": palettes.ink_on(palettes.BESIDE)},
        "outline_px": dict(OUTLINE_PX),
    }
