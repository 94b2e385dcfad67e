"""Scenarios: what a list of edits changes."""
