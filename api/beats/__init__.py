"""Beats: which small grids each service worker looks after."""
