"""Parcels of the synthetic town and their use."""
