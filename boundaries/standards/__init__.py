"""The standards catalogue and other rules that are data."""
