"""Completeness: which organisations, hubs and stations each grid has and lacks."""
