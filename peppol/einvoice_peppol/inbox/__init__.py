"""What came: kept once with its receipt, and handed over once."""

from einvoice_peppol.inbox.arrival import Arrival, arrival
from einvoice_peppol.inbox.handing import ATTEMPTS, LEASE, After, Desk, Handed, hand_over
from einvoice_peppol.inbox.handlers import KINDS, Handler, Preparing
from einvoice_peppol.inbox.incoming import Incoming
from einvoice_peppol.inbox.keeping import Kept, keep, keep_arrival

__all__ = [
    "ATTEMPTS",
    "KINDS",
    "LEASE",
    "After",
    "Arrival",
    "Desk",
    "Handed",
    "Handler",
    "Incoming",
    "Kept",
    "Preparing",
    "arrival",
    "hand_over",
    "keep",
    "keep_arrival",
]
