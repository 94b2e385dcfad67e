"""OpenStreetMap extracts as districts."""

from boundaries.readers.osm.reader import read_osm

__all__ = ["read_osm"]
