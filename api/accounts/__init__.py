"""Accounts: signing in and out, who somebody is, and their management from the command line."""
