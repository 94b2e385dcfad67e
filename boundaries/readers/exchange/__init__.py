"""Formats in which other programs hand over layers, and archives of them."""
