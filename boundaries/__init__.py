"""Data from outside and its storage."""

from geo.messages import add_sentences

add_sentences(__name__)
