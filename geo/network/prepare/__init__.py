"""Preparation of a walk network: healing, cuts at barriers, contraction."""
