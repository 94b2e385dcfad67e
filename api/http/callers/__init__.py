"""The caller of a request: noted, kept out where unknown, held against the operation's rule."""
