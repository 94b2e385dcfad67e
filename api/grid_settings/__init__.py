"""Bands, weights, reach and names that a district sets for its own grids."""
