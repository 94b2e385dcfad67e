"""Report on the walk network: islands, repairs, unlinked places."""
