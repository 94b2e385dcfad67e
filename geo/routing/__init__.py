"""Shortest paths on the walk network."""
