"""What both stores do alike in SQL: commits and edits of features."""
