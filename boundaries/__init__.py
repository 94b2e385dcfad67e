"""Data from outside and its storage."""
