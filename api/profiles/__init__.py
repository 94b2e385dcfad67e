"""Walkers of a district: those of the standard, and its own."""
