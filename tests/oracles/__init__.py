"""Slow, plain answers written from the definitions; they share no code with the engine."""
