"""Governance of the synthetic town: offices, communities, grids, beats."""
