"""Scenarios: edits, incremental re-run, comparison, explanation."""
