"""What Alembic runs: the scripts, on the connection and in the transaction of the caller."""

from alembic import context

from boundaries import record_tables, tables

_DECLARED = (tables, record_tables)  # both fill the one metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,  # its naming convention names the constraints
    transactional_ddl=True,
)
context.run_migrations()
