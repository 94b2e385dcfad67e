"""Dependents: who would lose a category if one service point closed."""
