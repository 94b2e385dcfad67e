"""Files from outside: which are accepted, what they may cost, and how each is opened."""
