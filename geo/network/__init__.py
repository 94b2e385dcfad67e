"""The walk network, compiled, and snapping of places to it."""
