"""Local systems of a district: control points, the fit to them, and setting it."""
