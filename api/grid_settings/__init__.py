"""Bands, weights and names that a district sets for its own grids."""
