"""Layers read from OpenStreetMap objects."""
