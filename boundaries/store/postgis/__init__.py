"""The server store: PostGIS through GeoAlchemy2."""
