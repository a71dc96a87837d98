"""What a debtor owes as an action that nobody planned: what exports are made from where no step of a flow asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.actions import Action, Claimed, Why
from einvoice.receivables.documents.facts import Loaded, load
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.store.tables import INVOICES


def asked(
    connection: Connection, creditor: int, debtor: int, invoices: Collection[int], day: date, now: datetime, currency: str | None = None
) -> tuple[Loaded, Action, Row[Any] | None]:
    """What was read, the action, and the contact: some invoices (ids) of a debtor, or all that it owes, in one currency.

    Raises ReceivablesError where nothing is owed, in several currencies and none is named, or an invoice is not the debtor's.
    """
    wanted = INVOICES.c.id.in_(invoices) if invoices else (INVOICES.c.open > 0) | (INVOICES.c.charges > 0)
    mine = select(INVOICES).where(INVOICES.c.debtor_id == debtor, INVOICES.c.creditor_id == creditor, INVOICES.c.kind == "invoice", wanted)
    rows = connection.execute(mine.order_by(INVOICES.c.due, INVOICES.c.id)).all()
    rows = [row for row in rows if currency is None or row.currency == currency]
    if not rows or (invoices and len(rows) < len(set(invoices))):
        raise ReceivablesError("nothing is owed, or one of the invoices is not the debtor's; name open invoices with --invoice")
    found = sorted({row.currency for row in rows})
    if len(found) > 1:
        raise ReceivablesError(f"the debtor owes in {', '.join(found)}; name one with --currency")
    claimed = tuple(Claimed(row.id, row.number, row.due, max(row.open, ZERO), row.charges) for row in rows)
    made = _action(creditor, debtor, claimed, found[0], day, now)
    read = load(connection, creditor, [made])
    if debtor not in read.debtors:
        raise ReceivablesError(f"there is no debtor {debtor}; `einvoice receivables ageing` lists those there are")
    language = spoken(read.debtors[debtor].language or read.creditor.get("language"))
    return read, made._replace(language=language), next(iter(read.of_debtor.get(debtor, ())), None)


def _action(creditor: int, debtor: int, claimed: tuple[Claimed, ...], currency: str, day: date, now: datetime) -> Action:
    return Action(
        kind="task",
        creditor=creditor,
        debtor=debtor,
        day=day,
        flow="export",
        flow_version="",
        step="export",
        offset=0,
        invoices=claimed,
        currency=currency,
        amount=sum((one.amount + one.charges for one in claimed), Decimal(0)),
        messages=(),
        document="reminder",
        firmness=0,
        voice=None,
        language="en",
        contents=(),
        charges=(),
        final=False,
        handover=None,
        notice=None,
        not_before=now,
        not_after=now,
        why=Why("", "", ""),
        policy="",
        rates="",
    )
