"""The grid plan: check, repair and edits with preview."""
