"""Invoice Responses that came by Peppol open and close disputes of the receivables.

`follower` acts on each response in the transaction that hears it: an objection stops follow-up before its sender has our next message.
Where the answer and the ledger do not meet, nothing is guessed: it stays in the inbox with its reason, for a person.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.events import InvoiceResponse
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.responses import Answered, respond
from einvoice.receivables.policy.loading import default
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.store.tables import INVOICES
from einvoice_peppol.answers.hearing import Follower


def follower(policy: Policy | None = None) -> Follower:
    """Whoever opens and closes disputes; the package's policy unless told.

    An invoice that the ledger does not know is none of the receivables' business: a house may send what another program follows up.
    """
    return Disputes(policy or default())


class Disputes:
    """Acts on Invoice Responses by a policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __call__(self, connection: Connection, event: InvoiceResponse) -> None:
        """Does what a response asks for.

        Raises ReceivablesError where several invoices could be meant, or nobody can own the dispute.
        """
        self.respond(connection, event)

    def respond(self, connection: Connection, event: InvoiceResponse) -> Answered | None:
        """The same, and what became of it; None where the ledger does not know the invoice."""
        invoice = _invoice(connection, event)
        if invoice is None:
            return None
        meant = event.model_copy(update={"invoice": str(invoice)})
        return respond(connection, meant, self._policy, At(event.time.date(), event.time, "debtor"))


def _invoice(connection: Connection, event: InvoiceResponse) -> int | None:
    """The invoice's id in the ledger: what the event names where that has its number, else the only one with its number."""
    found = connection.execute(select(INVOICES.c.id).where(INVOICES.c.number == event.number)).scalars().all()
    if event.invoice.isdecimal() and int(event.invoice) in found:
        return int(event.invoice)
    if len(found) > 1:
        raise ReceivablesError(f"the ledger has {len(found)} invoices {event.number}; say which by submitting with the subject invoice:ID")
    return found[0] if found else None
