"""What the verbs of Peppol share: the database, the means, a message by its number, how a row is told."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine, Row

    from einvoice.settings import Settings

LIVE = "einvoice peppol mode live"
"""How to let messages leave."""


def message_argument(parser: ArgumentParser) -> None:
    """The message that is meant."""
    parser.add_argument("message", metavar="ID", help="the number of a message, its message id, or the instance id of its envelope")


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """The database of the settings, closed at the end.

    Raises DatabaseError, SettingsError.
    """
    from einvoice.database import open_database

    engine = open_database(settings.database.address())
    try:
        yield engine
    finally:
        engine.dispose()


def found(connection: Any, name: str) -> Row[Any]:
    """The row that a number or an id names.

    Raises PeppolError where there is none.
    """
    from einvoice.errors import PeppolError
    from einvoice_peppol.sending import rows

    row = rows.named(connection, name)
    if row is None:
        raise PeppolError(f"nothing that went out is called {name}; `einvoice peppol status` lists what has")
    return row


def told(row: Row[Any]) -> dict[str, Any]:
    """A row as JSON values: without the bytes of document and receipt."""
    left_out = ("document", "receipt", "signed", "certificate", "file", "next_at")
    return {name: value for name, value in row._mapping.items() if name not in left_out}


def line(row: Row[Any]) -> str:
    """A row on one line."""
    from einvoice.rendering.values import clean

    when = row.sent_at or row.prepared_at or row.created_at
    about = clean(row.number or row.kind)
    reason = f"; {clean(row.reason)}".replace("\n", " ") if row.reason else ""
    return f"{row.id:>6}  {row.state:9}  {when:%Y-%m-%d %H:%M}  {about:18} {row.receiver:24} {row.via}{reason}"


def clock() -> Any:
    """What time it is."""
    from einvoice_peppol.sending.means import now

    return now()


def who() -> str:
    """Who is at the keyboard."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def silent_note(mode: str) -> str:
    """That nothing left, and what to do about it."""
    if mode == "dry_run":
        return f"nothing left: the mode is dry_run. To let messages leave: {LIVE}"
    return f"nothing left: the mode is {mode}, and no message between access points can go to another address. To send: {LIVE}"
