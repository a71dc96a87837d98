"""The business of the demo: who is owed, and its people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from einvoice.receivables.demo.customers import iban
from einvoice.receivables.ledger import parties

KEY = "waterlijn"
BUSINESS: Mapping[str, Any] = {
    "name": "De Waterlijn BV",
    "country": "NL",
    "language": "en",
    "time_zone": "Europe/Amsterdam",
    "currency": "EUR",
    "legal_id": "99999994",
    "vat_id": "NL999999990B01",
    "email": "receivables@waterlijn.example",
    "phone": "+31 20 555 0100",
    "address": {"street": "Waterkade 12", "postcode": "1013 XX", "city": "Amsterdam", "country": "NL"},
    "iban": iban("NL", "0123456789"),
    "bic": "TESTNL2A",
    "size": "medium",
}
"""The columns of the creditor."""
_PEOPLE = (
    ("noor", "Noor de Graaf", None, ["price_not_as_agreed", "invoice_incorrect"]),
    ("joris", "Joris Kuipers", "noor", ["delivery_quality", "invoice_not_received", "po_number_missing"]),
    ("elif", "Elif Kaya", "noor", ["payment_plan_proposal", "already_paid", "contract_ended"]),
)


def founded(connection: Connection) -> int:
    """Adds the creditor and its people; its id."""
    creditor = parties.save_creditor(connection, KEY, **BUSINESS)
    known: dict[str, int] = {}
    for key, name, deputy, categories in _PEOPLE:
        known[key] = parties.save_person(
            connection,
            creditor,
            key,
            name=name,
            email=f"{key}@waterlijn.example",
            categories=categories,
            deputy_id=known.get(deputy) if deputy else None,
        )
    return creditor
