"""Layers of the synthetic town: buildings, lanes, network, services."""
