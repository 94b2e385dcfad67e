"""The embedded store: one GeoPackage file."""
