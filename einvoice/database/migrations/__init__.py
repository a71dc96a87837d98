"""Revisions of the database, in order; `einvoice.database.migrate` runs those that are missing."""
