"""A district in memory at one revision, and the cache of such snapshots."""
