"""Gaps: households that are not covered, ranked by grid and by area."""
