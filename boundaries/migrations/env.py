"""What Alembic runs: the scripts, on the connection and in the transaction of the caller."""

from alembic import context

from boundaries.store.tables import layer_tables, record_tables

_DECLARED = (layer_tables, record_tables)  # both fill the one metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=layer_tables.metadata,  # its naming convention names the constraints
    transactional_ddl=True,
)
context.run_migrations()
