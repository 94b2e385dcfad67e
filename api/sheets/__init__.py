"""Sheets to print for grids: contact cards and public notices."""
