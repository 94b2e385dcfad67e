"""Layers of a district and values of a standard."""
