"""Lifts: staircases where one would bring most elderly people within reach."""
