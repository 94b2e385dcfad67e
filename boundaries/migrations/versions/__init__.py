"""One module per schema, in the order of their numbers."""
