"""Alembic runs this; the connection comes from the database that is being opened, inside its transaction."""

from alembic import context

from catgem_tui.central.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
