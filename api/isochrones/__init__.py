"""Isochrones: the area reached from a point within given minutes."""
