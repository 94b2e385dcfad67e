"""Accessibility: coverage, gaps, floating catchments, inequality."""
