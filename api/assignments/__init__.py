"""Assignment of points to grids, with households and service workers."""
