"""Forms of an answer: JSON and GeoJSON, CSV."""
