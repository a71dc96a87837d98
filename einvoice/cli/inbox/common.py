"""What the verbs of the inbox share: the database, a row as JSON, words that a terminal may show."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

SHOWN = (
    "id",
    "state",
    "kind",
    "verdict",
    "sender",
    "receiver",
    "country",
    "message_id",
    "instance_id",
    "access_point",
    "via",
    "document_type",
    "process",
    "size",
    "document_hash",
    "file",
    "mls_to",
    "mls_type",
    "about",
    "attempts",
    "reason",
    "sent_at",
    "received_at",
    "next_at",
    "lease_until",
    "worker",
    "handed_at",
)
"""What is told of a message, in this order."""


def message_argument(parser: ArgumentParser, several: str | None = None) -> None:
    """Which message is meant."""
    parser.add_argument("message", nargs=several, metavar="MESSAGE", help="its number in the list, its message id or its instance id")


def format_option(parser: ArgumentParser) -> None:
    """How it is printed."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print; text unless told")


@contextmanager
def looking() -> Iterator[Connection]:
    """The database of the settings, to read.

    Raises DatabaseError, SettingsError.
    """
    from einvoice.cli.receivables.common import opened
    from einvoice.database import reading

    with opened() as engine, reading(engine) as connection:
        yield connection


def as_json(row: Row[Any]) -> dict[str, Any]:
    """A row for a program: moments in ISO 8601."""
    found = {name: getattr(row, name) for name in SHOWN}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in found.items()}


def clean(text: object) -> str:
    """What others wrote, without what a terminal would obey instead of show."""
    from einvoice.rendering.values import clean as cleaned

    return cleaned(str(text)).replace("\n", " ")
