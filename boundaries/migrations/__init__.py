"""How a store of an older Lifecircle becomes one of this Lifecircle: one script per schema.

A script never changes once it is released and imports nothing that may: it says what the tables
were then. :mod:`boundaries.store.tables.schema_version` runs them.
"""
