"""Who is given what came: a port."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from sqlalchemy import Connection

from einvoice_peppol.inbox.incoming import Incoming

KINDS = frozenset({"invoice", "invoice_response", "mlr", "mls", "report", "other"})
"""What a message may be."""


class Handler(Protocol):
    """Takes messages of some kinds, which `kinds` names."""

    @property
    def kinds(self) -> frozenset[str]:
        """What it takes: of `KINDS`."""

    def handle(self, connection: Connection, incoming: Incoming) -> object:
        """Takes a message, in the transaction that marks it handed.

        What it writes through the connection happens once, and only when the message is handed over. It is short: nobody else writes
        to a SQLite database meanwhile. Raises DocumentError where the message can never be taken (it becomes `failed` at once),
        anything else where it is worth trying again.
        """


@runtime_checkable
class Preparing(Protocol):
    """A handler that has something slow to do, or something outside the database, before the transaction begins."""

    def prepare(self, incoming: Incoming) -> object:
        """Does it, perhaps again after an attempt that failed: twice is like once."""
