"""How Alembic runs our migrations: on the connection that `store.migrate` opened, in its transaction."""

from alembic import context

from onebook.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
