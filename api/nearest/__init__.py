"""The k nearest service points of each category."""
