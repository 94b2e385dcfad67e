"""Edits of a grid plan, with preview."""
