"""Coverage runs: results kept with everything that made them, to be computed again."""
