"""Accounts, keys of programs and sessions of a store."""
