"""History of a district: log of changes, lineage of grid codes."""
