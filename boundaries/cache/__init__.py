"""Compiled walk networks on disk."""
