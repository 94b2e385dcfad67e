"""Governance grids: codes, hierarchy, assignment, succession."""
