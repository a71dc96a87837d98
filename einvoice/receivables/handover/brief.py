"""What a dossier is made of: who claims what of whom, on which day, by which law, in whose language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.actions import Action
from einvoice.receivables.documents.templates import Templates
from einvoice.receivables.documents.words import money, spoken
from einvoice.receivables.law import Laws
from einvoice.receivables.store.tables import CONTACTS, CREDITORS, DEBTORS, INVOICES
from einvoice.rendering.house import House


class File(NamedTuple):
    """A file of a dossier: its path in it, its bytes, its media type, and in which chapter it stands."""

    path: str
    data: bytes
    type: str
    chapter: str


class Claimed(NamedTuple):
    """What is claimed of an invoice: principal, interest and costs booked before, and what the hand-over newly claims."""

    invoice: Row[Any]
    principal: Decimal
    booked: Decimal
    new: Decimal

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.principal + self.booked + self.new


class Brief(NamedTuple):
    """A dossier's subject, and what it is made with; `missing` collects what could not be put into it, in words."""

    connection: Connection
    creditor: Mapping[str, Any]
    debtor: Row[Any]
    contacts: tuple[Row[Any], ...]
    invoices: tuple[Row[Any], ...]
    now: datetime
    laws: Laws
    language: str
    action: Action | None
    house: House
    templates: Templates | None
    missing: list[str]

    @property
    def day(self) -> date:
        """Today, where the creditor is."""
        return self.now.astimezone(ZoneInfo(str(self.creditor["time_zone"]))).date()

    @property
    def ids(self) -> frozenset[int]:
        """The store's ids of the invoices."""
        return frozenset(invoice.id for invoice in self.invoices)

    def claims(self) -> tuple[Claimed, ...]:
        """What is claimed of each invoice: by the action that hands over, else all that is open."""
        if self.action is None:
            return tuple(Claimed(row, row.open, row.charges, ZERO) for row in self.invoices)
        asked = {claimed.invoice: claimed for claimed in self.action.invoices}
        new: dict[int, Decimal] = {}
        for charge in self.action.charges:
            new[charge.invoice] = new.get(charge.invoice, ZERO) + charge.amount + charge.vat
        return tuple(
            Claimed(row, asked[row.id].amount, asked[row.id].charges - new.get(row.id, ZERO), new.get(row.id, ZERO))
            for row in self.invoices
            if row.id in asked
        )

    def totals(self) -> dict[str, Decimal]:
        """What is claimed in each currency."""
        sums: dict[str, Decimal] = {}
        for claimed in self.claims():
            sums[claimed.invoice.currency] = sums.get(claimed.invoice.currency, ZERO) + claimed.total
        return sums

    def total(self) -> str:
        """What is claimed, in words."""
        return " + ".join(money(amount, currency, self.language) for currency, amount in self.totals().items())


def brief(
    connection: Connection,
    creditor: int,
    debtor: int,
    invoices: Collection[int],
    now: datetime,
    language: str | None,
    laws: Laws,
    *,
    action: Action | None = None,
    house: House | None = None,
    templates: Templates | None = None,
) -> Brief:
    """What a dossier about some invoices of a debtor is made of; without invoices about all that is open.

    Raises ReceivablesError where the creditor has no such debtor or invoice, nothing is open, or the debtor was forgotten.
    """
    owner = connection.execute(select(CREDITORS).where(CREDITORS.c.id == creditor)).one()._asdict()
    who = connection.execute(select(DEBTORS).where(DEBTORS.c.id == debtor, DEBTORS.c.creditor_id == creditor)).one_or_none()
    if who is None:
        raise ReceivablesError(f"there is no debtor {debtor} of this creditor; `einvoice receivables ageing` lists those there are")
    if who.forgotten_on is not None:
        raise ReceivablesError(f"debtor {who.key} was forgotten on {who.forgotten_on}; nothing is left to hand over")
    wanted = INVOICES.c.id.in_(invoices) if invoices else (INVOICES.c.open > 0) | (INVOICES.c.charges > 0)
    mine = select(INVOICES).where(INVOICES.c.debtor_id == debtor, INVOICES.c.kind == "invoice", wanted)
    rows = tuple(connection.execute(mine.order_by(INVOICES.c.due, INVOICES.c.id)).all())
    if not rows or (invoices and len(rows) < len(set(invoices))):
        what = "one of the invoices is not the debtor's" if invoices else "nothing is open"
        raise ReceivablesError(f"debtor {who.key}: {what}; name invoices of its own with --invoice")
    contacts = tuple(connection.execute(select(CONTACTS).where(CONTACTS.c.debtor_id == debtor).order_by(CONTACTS.c.id)).all())
    return Brief(
        connection, owner, who, contacts, rows, now, laws, spoken(language or owner["language"]), action, house or House(), templates, []
    )
