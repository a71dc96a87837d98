"""What the server does with a message, without HTTP: judge it, make its receipt, keep both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import BinaryIO, NamedTuple

from einvoice_peppol.as4 import ebms, receipts
from einvoice_peppol.as4.receiving import Limits, Serviced, receive
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.inbox import After, Arrival, Handler, arrival
from einvoice_peppol.pki.identity import Identity, Trust


class Means(NamedTuple):
    """What the server works with: who we are, whom we trust, where bodies are kept, for whom we receive, to whom we hand over.

    `after` is told what became of each message (see `inbox.After`); without `handlers` messages wait in the inbox.
    """

    own: Identity
    trust: Trust
    bodies: Bodies
    serviced: Serviced
    handlers: Sequence[Handler] = ()
    after: After | None = None
    limits: Limits = Limits()  # a tuple does not change


class Judged(NamedTuple):
    """A message that may be kept, and the receipt to answer with once it is: its Content-Type and its bytes."""

    came: Arrival
    type: str
    receipt: bytes


class Desk:
    """Judges messages; any thread may ask."""

    def __init__(self, means: Means, clock: Callable[[], datetime]) -> None:
        self.means = means
        self._clock = clock

    def judge(self, content_type: str, stream: BinaryIO) -> Judged:
        """Judges a message, signs its receipt, and makes its body durable.

        Raises Refused; OSError where the spool cannot be written.
        """
        own, trust, bodies, now = self.means.own, self.means.trust, self.means.bodies, self._clock()
        received = receive(content_type, stream, own, trust, bodies, now, serviced=self.means.serviced, limits=self.means.limits)
        try:
            kind, receipt = receipts.receipt(received, own, now)
        except BaseException:
            received.body.drop()
            raise
        return Judged(arrival(received), kind, receipt)

    def error(self, refused: ebms.Refused) -> tuple[str, bytes]:
        """The signal that answers what is refused: its Content-Type and its bytes."""
        return receipts.error(refused, self.means.own, self._clock())
