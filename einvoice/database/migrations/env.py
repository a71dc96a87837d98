"""Alembic's environment: it runs the revisions on the connection that `einvoice.database.migrate` hands it, in that transaction."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
