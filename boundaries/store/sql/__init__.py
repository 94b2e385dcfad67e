"""SQL shared by both stores: commits and edits of features."""
