"""The two stores, one GeoPackage file or PostGIS, behind one interface."""
