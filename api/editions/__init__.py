"""Editions: named revisions of the grids."""
