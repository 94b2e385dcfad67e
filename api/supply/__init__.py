"""Supply access and its inequality."""
