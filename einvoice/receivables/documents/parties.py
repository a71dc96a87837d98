"""Who writes to whom, and what invoices are called: what every document is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from einvoice.errors import ReceivablesError
from einvoice.receivables.actions import Action
from einvoice.receivables.documents.agreements import Agreement
from einvoice.receivables.documents.templates import Templates


class Debt(NamedTuple):
    """An invoice as a text names it; `what` is what was bought."""

    number: str
    issued: date
    due: date
    amount: Decimal
    charges: Decimal = Decimal(0)
    reference: str | None = None
    what: str | None = None


class Facts(NamedTuple):
    """What the document of an action is made of: the action, the creditor's fields, the debtor, who is written to, the invoices.

    `debts` are in the action's order; `agreements` those of the debtor, oldest first; `portal` and `pay` addresses of the portal and of
    the page where this is paid; `templates` None is what comes with this release.
    """

    action: Action
    creditor: Mapping[str, Any]
    debtor: str
    name: str
    debts: tuple[Debt, ...]
    portal: str | None = None
    first_name: str | None = None
    agreements: tuple[Agreement, ...] = ()
    pay: str | None = None
    templates: Templates | None = None


class Party(NamedTuple):
    """What a document that is no action's is made of: the creditor's fields, the debtor, who is written to, in which language."""

    creditor: Mapping[str, Any]
    debtor: str
    name: str
    language: str
    currency: str
    first_name: str | None = None
    portal: str | None = None
    pay: str | None = None
    templates: Templates | None = None


class Missing(ReceivablesError):
    """A text cannot be written because a field is not filled in."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        self.text = text
        super().__init__(f"{field} is missing, which {text} needs; fill it in and run again")


def postal(address: Mapping[str, Any] | None) -> list[str]:
    """The lines of a postal address, as it is kept: street, second line, postcode and city, country."""
    kept = address or {}
    city = " ".join(str(kept[name]) for name in ("postcode", "city") if kept.get(name))
    return [line for line in (*(str(kept.get(name) or "") for name in ("street", "street2")), city, str(kept.get("country") or "")) if line]
