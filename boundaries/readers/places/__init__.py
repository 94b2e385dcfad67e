"""Where rows of a file are: columns of places, their CRS and frame, and whether they fit."""
