"""Optimisation of a partition."""
