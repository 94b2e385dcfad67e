"""Vocabulary of the layers: the words that their columns hold."""

from enum import StrEnum


class Level(StrEnum):
    """Level of a governance grid, strictly nested: small in medium in large."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"


class Origin(StrEnum):
    """Where a record comes from; `DRAWN` and `SYNTHETIC` are labelled wherever they are shown."""

    GIVEN = "given"  # a file of the user's
    OSM = "osm"  # OpenStreetMap
    DRAWN = "drawn"  # drawn by Lifecircle from streets
    SYNTHETIC = "synthetic"  # made by a seeded generator; no real buildings or people


class BarrierKind(StrEnum):
    """What a walker cannot cross."""

    WALL = "wall"
    RIVER = "river"
    RAILWAY = "railway"


class GroundKind(StrEnum):
    """What ground with an outline of its own is used for; people live in compounds alone."""

    PARK = "park"
    INSTITUTION = "institution"
    WORKS = "works"
    FIELD = "field"
    COMPOUND = "compound"


class EntranceKind(StrEnum):
    """What an entrance is."""

    MAIN = "main"
    YES = "yes"  # one that nobody described
    STAIRCASE = "staircase"
    HOME = "home"
    SHOP = "shop"
    SERVICE = "service"
    GATE = "gate"  # in the wall or fence around an area
    OUTLINE = "outline"  # where a way meets the outline of an area, free of barriers
    GARAGE = "garage"
    EMERGENCY = "emergency"
    EXIT = "exit"


class GateAccess(StrEnum):
    """Who may pass a gate. Only a `CLOSED` gate cuts the walk network."""

    OPEN = "open"
    PRIVATE = "private"
    CLOSED = "closed"
