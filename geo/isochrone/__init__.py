"""Isochrones: a picture of the reached network, and its agreement with the exact answer."""
