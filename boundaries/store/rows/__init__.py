"""Rows of layers: read, validate, compare."""
