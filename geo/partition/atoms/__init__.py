"""Atoms: the indivisible pieces that grids are drawn from."""
