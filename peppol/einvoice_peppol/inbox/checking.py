"""Writes down what a check says of an invoice that came; it is handed over whatever that is, for its receiver decides."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, update

from einvoice.report import Report, Verdict
from einvoice_peppol.inbox.incoming import Incoming
from einvoice_peppol.tables import INBOX

MOST = 20_000_000
"""Bytes of a document that is checked; a larger one is not judged."""


class Checking:
    """A handler that checks invoices before they are handed over; it stands before the one that takes them."""

    kinds = frozenset({"invoice"})

    def __init__(self, judge: Callable[[bytes], Report]) -> None:
        self._judge = judge
        self._found: dict[int, Verdict] = {}

    def prepare(self, incoming: Incoming) -> None:
        """Checks a document before the transaction begins."""
        self._found[incoming.id] = self._verdict(incoming)

    def handle(self, connection: Connection, incoming: Incoming) -> None:
        """Writes the verdict down."""
        verdict = self._found.pop(incoming.id, Verdict.NOT_JUDGED)
        connection.execute(update(INBOX).where(INBOX.c.id == incoming.id).values(verdict=verdict.value))

    def _verdict(self, incoming: Incoming) -> Verdict:
        try:
            return self._judge(incoming.document(MOST)).verdict
        except Exception:  # whatever a check stumbles over, the document is its receiver's all the same
            return Verdict.NOT_JUDGED
