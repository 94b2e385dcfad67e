"""Partition: grids and beats drawn from buildings and streets."""
