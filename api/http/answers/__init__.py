"""Answers that are computed once and given again while they are current."""
