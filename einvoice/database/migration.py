"""Brings a database to the shape of this release, and says how far it is from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from einvoice.database.engine import connect, reading
from einvoice.errors import DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 7_316_804  # any number, the same for everyone: who migrates first lets the others wait


def migrate(engine: Engine) -> None:
    """Brings the database to the shape of this release, in one transaction; what is there already stays.

    Several processes may do so at once. Raises DatabaseError where it cannot be reached, and where a newer release shaped it.
    """
    from alembic import command  # noqa: PLC0415 - only who migrates pays for it

    config = _config()
    with connect(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _pending(connection, config):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def pending(engine: Engine) -> tuple[str, ...]:
    """The revisions that the database still lacks, none where it has the shape of this release.

    Raises DatabaseError where it cannot be reached, and where a newer release shaped it.
    """
    with reading(engine) as connection:
        return _pending(connection, _config())


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - only who migrates pays for it

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _pending(connection: Connection, config: Config) -> tuple[str, ...]:
    from alembic.migration import MigrationContext  # noqa: PLC0415 - only who migrates pays for it
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - the same

    known = [revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()]
    reached = MigrationContext.configure(connection).get_current_revision()
    if reached is not None and reached not in known:
        raise DatabaseError(
            f"{connection.engine.url.render_as_string()} has the shape of a newer release (revision {reached}); "
            "update einvoice-toolkit to that release: pip install --upgrade einvoice-toolkit"
        )
    return tuple(reversed(known[: known.index(reached)] if reached else known))
