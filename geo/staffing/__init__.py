"""Staffing: organisations, hubs and stations, beats, completeness."""
