"""Geometry on arrays: segment index, point in polygon, polygon coverages."""
