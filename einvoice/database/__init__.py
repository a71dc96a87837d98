"""The one database of outbox and receivables: SQLite in a file unless told, PostgreSQL by URL.

Tables stand beside the code that owns them (`einvoice.outbox.tables`, `einvoice.receivables.tables`), all on `METADATA`; Alembic
brings a database to their shape (`migrate`). Needs the extra `sql`.
"""

from einvoice.database.engine import METADATA, connect, open_database, reading
from einvoice.database.migration import migrate, pending

__all__ = ["METADATA", "connect", "migrate", "open_database", "pending", "reading"]
