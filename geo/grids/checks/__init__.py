"""Checks of a grid plan and the repair of their faults."""
