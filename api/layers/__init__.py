"""The layers of a district as GeoJSON."""
