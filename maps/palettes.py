"""Colours of the maps, defined once: for the page, for the folium file, for reports.

Values run from light to dark in five classes of the YlGnBu family, softened so that dark squares
(uncovered buildings) stay visible on the darkest class. The classes differ by at least ten steps
of CIE lightness, so a grey print keeps their order. The colours of the categories are Okabe and
Ito's (Color Universal Design, 2008); shape and character carry the meaning, colour only helps.
"""

from typing import Final

COVERAGE: Final = ("#fcf4c8", "#bfe0bd", "#74bfb8", "#3d94b4", "#2b659a")
"""Five classes, least to most covered."""

CHANGE: Final = ("#b35806", "#f1a340", "#fee0b6", "#d8daeb", "#998ec3", "#542788")
"""Six classes of a change, most lost to most gained; no change is blank (ColorBrewer PuOr)."""

LOAD: Final = ("#b8b2d8", "#eef0e6", "#dd7d12")
"""Beats with too few households, in the band, and with too many: what is well stays light."""

NO_DATA: Final = "#b9bdc0"
"""Ink of the diagonal stripes on a grid without households."""

BEAT: Final = "#8c2d04"
"""Outline of a service worker's beat: dark, and of no hue that a value has."""

OPEN_GROUND: Final = "#3f6b3a"
"""Edge and name of parks, institutions, works and fields."""

INK: Final = "#1d2429"
"""Outlines, uncovered buildings, text."""

BADGES: Final = (
    "#e69f00",  # orange
    "#56b4e9",  # sky blue
    "#009e73",  # bluish green
    "#d55e00",  # vermillion
    "#0072b2",  # blue
    "#999999",  # grey
    "#cc79a7",  # reddish purple
    "#f0e442",  # yellow
    "#6a51a3",  # violet: a ninth hue, apart from its neighbours in lightness
    "#333333",  # near black
)
"""Colours of the service points' badges, in the order of the standard's categories."""

BESIDE: Final = "#6b6560"
"""Colour of what stands beside the categories and counts in none."""

READABLE: Final = 4.5
"""Least contrast of small text, WCAG 2.2, 1.4.3."""

_LINEAR_BELOW: Final = 0.04045
"""sRGB value below which the transfer curve is a straight line (IEC 61966-2-1)."""


def luminance(colour: str) -> float:
    """Return the relative luminance (0..1) of `#rrggbb`, WCAG 2.2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= _LINEAR_BELOW else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio (1..21) of two colours, WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """Return an ink that reads on `colour`: dark or white, black where neither reaches 4.5:1.

    Examples
    --------
    >>> ink_on("#f0e442"), ink_on("#0072b2"), ink_on("#d55e00")
    ('#1d2429', '#ffffff', '#000000')
    """
    best = max(INK, "#ffffff", key=lambda ink: contrast(colour, ink))
    return best if contrast(colour, best) >= READABLE else "#000000"


def badge_colour(position: int) -> str:
    """Return the badge colour of the category at `position` of the standard; repeats after ten."""
    return BADGES[position % len(BADGES)]
