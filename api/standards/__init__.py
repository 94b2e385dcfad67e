"""The standard that answers are given by."""
