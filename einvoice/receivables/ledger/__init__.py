"""The ledger: what is owed, by append-only double entries.

Every booking is a transaction under a key, handed in twice it is one; its entries sum to zero in each currency. Functions take the
caller's connection (a transaction of `einvoice.database.connect`) and a `Booking`: the day, who, and the moment.
"""

from einvoice.receivables.ledger.allocation import CHARGES_FIRST, PRINCIPAL_FIRST, Allocated, Share, allocate, allocate_all
from einvoice.receivables.ledger.booking import Booking, Posted
from einvoice.receivables.ledger.charges import post_charge, waive
from einvoice.receivables.ledger.corrections import discount, write_off
from einvoice.receivables.ledger.invoices import InvoiceIn, post_credit_note, post_invoice
from einvoice.receivables.ledger.payments import PaymentIn, assign, post_payment, refund
from einvoice.receivables.ledger.reversal import reverse

__all__ = [
    "CHARGES_FIRST",
    "PRINCIPAL_FIRST",
    "Allocated",
    "Booking",
    "InvoiceIn",
    "PaymentIn",
    "Posted",
    "Share",
    "allocate",
    "allocate_all",
    "assign",
    "discount",
    "post_charge",
    "post_credit_note",
    "post_invoice",
    "post_payment",
    "refund",
    "reverse",
    "waive",
    "write_off",
]
