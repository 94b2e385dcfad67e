"""Outputs of a partition: grid frame, matched edges, report."""
