"""Imports: files into layers, their reports, and undoing the last one."""
