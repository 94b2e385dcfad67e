"""History of stored rows: change log, editions, lineage of grids."""
