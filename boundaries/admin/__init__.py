"""Care of a store: backup, copy, integrity check."""
