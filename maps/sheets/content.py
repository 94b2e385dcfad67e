"""What a sheet says: values that are gathered elsewhere and only laid out here."""

from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """A service point that the sheet lists.

    Attributes
    ----------
    number : int
        On the map and in the table; 0 where the map does not have it.
    name, kind : str
        Its name, and what it is, in the language of the sheet.
    minutes : int or None
        Walk of the household in the middle, rounded up; None where it is unknown.
    hours, phone : str
        Empty where they are unknown.
    x, y : float
        Metric CRS.
    """

    number: int
    name: str
    kind: str
    minutes: int | None
    hours: str
    phone: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class CategoryReach:
    """What is in reach of one category.

    Attributes
    ----------
    name, badge, fill : str
        Of the category: its name, the character of its points and their colour.
    places : tuple of ListedPlace
        Nearest first.
    beyond : ListedPlace or None
        The nearest, where none is within the threshold.
    """

    name: str
    badge: str
    fill: str
    places: tuple[ListedPlace, ...]
    beyond: ListedPlace | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A service worker's post.

    Attributes
    ----------
    code, name, phone : str
        Name and number of the office are empty where they are unknown.
    grids, households : int
        That it looks after in all.
    """

    code: str
    name: str
    phone: str
    grids: int
    households: int


@dataclass(frozen=True, slots=True)
class SheetOrganisation:
    """An organisation of a grid.

    Attributes
    ----------
    role, name : str
        What it is, and what it is called; an empty name says that none is known.
    place : ListedPlace or None
        Where it is, if it is a service point.
    """

    role: str
    name: str
    place: ListedPlace | None = None


@dataclass(frozen=True, slots=True)
class ListedPart:
    """A grid below one, or a building of a small grid, as a notice lists it.

    Attributes
    ----------
    code, name : str
    households, buildings : int or None
        None where the sheet does not tell them.
    posts : tuple of Post
    """

    code: str
    name: str
    households: int | None = None
    buildings: int | None = None
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeTerm:
    """When a notice hangs, and where objections are heard; what is unknown is filled in by hand.

    Attributes
    ----------
    phone : str
        Number of the office, empty where it is unknown.
    first, last : date or None
        Days on which it hangs, both inclusive.
    """

    phone: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class MapGround:
    """What the map of a sheet shows, in the metric CRS.

    Attributes
    ----------
    area : Polygon or MultiPolygon
        What the sheet is for.
    parts : GeoDataFrame
        Grids inside, with a column `label`.
    around : GeoDataFrame
        All grids of a level; those whose code is in `own` are no neighbours.
    own : frozenset of str
    streets, buildings, barriers, gates, open_grounds : GeoDataFrame
        Layers of the district, of which the map takes what it shows.
    """

    area: BaseGeometry
    parts: gpd.GeoDataFrame
    around: gpd.GeoDataFrame
    own: frozenset[str]
    streets: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    open_grounds: gpd.GeoDataFrame


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page.

    Attributes
    ----------
    kind : {'card', 'notice'}
    level : str
        ``small``, ``medium``, ``large`` or ``beat``.
    code, name : str
    above : tuple of str
        Names of the grids above, the largest first.
    households, buildings : int
    posts : tuple of Post
    bodies : tuple of SheetOrganisation
    reach : tuple of CategoryReach
        Of a card.
    parts : tuple of ListedPart
        Of a notice.
    covered : tuple of (str, str)
        Of a notice: category, and the share of households that reach it.
    ground : MapGround
    """

    kind: str
    level: str
    code: str
    name: str
    above: tuple[str, ...]
    households: int
    buildings: int
    posts: tuple[Post, ...]
    bodies: tuple[SheetOrganisation, ...]
    ground: MapGround
    reach: tuple[CategoryReach, ...] = ()
    parts: tuple[ListedPart, ...] = ()
    covered: tuple[tuple[str, str], ...] = field(default=())
