"""Streets and rivers of the synthetic town."""
