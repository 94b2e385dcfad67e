"""Explanation of one building: why it is not covered and what would change that."""
