"""Reading of an OpenStreetMap file: format, objects, shapes, extent."""
