"""Links to pay: a token in an address, and what it asks for. The page behind it shows what is open when it is opened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.documents import codes
from einvoice.receivables.ledger.booking import UNALLOCATED
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, ENTRIES, INVOICES, PAY_LINKS

_TOKEN = re.compile(r"[a-z2-7]{32}")
_GONE = frozenset({"written_off", "reversed"})


class Owed(NamedTuple):
    """What is open of one of a link's invoices: principal and charges less what credits cover, in the link's currency."""

    invoice: int
    number: str
    amount: Decimal


class Asked(NamedTuple):
    """What a link asks for now: `owed` holds the invoices that are still open, `numbers` all that it was made for."""

    token: str
    creditor: int
    debtor: int
    creditor_name: str
    iban: str | None
    bic: str | None
    reference: str | None
    currency: str
    language: str
    owed: tuple[Owed, ...]
    numbers: tuple[str, ...]

    @property
    def amount(self) -> Decimal:
        """The sum of what is open."""
        return sum((one.amount for one in self.owed), ZERO)


def url(base: str, token: str) -> str:
    """The address of a link; `base` is the setting `[hooks] url`."""
    return f"{base.rstrip('/')}/pay/{token}"


def row(
    creditor: int,
    debtor: int,
    invoices: Iterable[int],
    currency: str,
    action: str | None,
    language: str,
    token: str,
    day: date,
) -> dict[str, Any]:
    """A row of PAY_LINKS; the same token again is the same link, so it is inserted unless it is there (`keep`)."""
    return {
        "token": token,
        "creditor_id": creditor,
        "debtor_id": debtor,
        "invoices": list(invoices),
        "currency": currency,
        "language": language,
        "action_id": action,
        "created_on": day,
    }


def keep(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts links that are not there yet; one that is stays as it is."""
    wanted = {one["token"]: one for one in rows}
    there = set(connection.execute(select(PAY_LINKS.c.token).where(PAY_LINKS.c.token.in_(list(wanted)))).scalars())
    if missing := [one for token, one in wanted.items() if token not in there]:
        connection.execute(PAY_LINKS.insert(), missing)


def make(connection: Connection, creditor: int, debtor: int, invoices: Iterable[int], language: str | None, day: date) -> str:
    """A link for invoices of a debtor, made by hand; its token. The same invoices in the same language have the same.

    Raises ReceivablesError where they are several debtors', or in several currencies.
    """
    refs = sorted(set(invoices))
    found = select(INVOICES.c.currency).distinct().where(INVOICES.c.id.in_(refs), INVOICES.c.debtor_id == debtor)
    currencies = list(connection.scalars(found))
    if len(currencies) != 1:
        raise ReceivablesError("a link to pay is for invoices of one debtor in one currency; make one for each")
    owner = connection.execute(select(CREDITORS.c.secret, CREDITORS.c.language).where(CREDITORS.c.id == creditor)).one()
    theirs = connection.scalar(select(DEBTORS.c.language).where(DEBTORS.c.id == debtor, DEBTORS.c.creditor_id == creditor))
    spoken = language or theirs or owner.language
    made = codes.token(owner.secret, f"link:{creditor}:{debtor}:{spoken}:{refs}")
    keep(connection, [row(creditor, debtor, refs, currencies[0], None, spoken, made, day)])
    return made


def asked(connection: Connection, token: str) -> Asked | None:
    """What a link asks for now; None for a token that is none. Invoices in another currency than the link's are left out."""
    if not _TOKEN.fullmatch(token):
        return None
    link = connection.execute(select(PAY_LINKS).where(PAY_LINKS.c.token == token)).one_or_none()
    if link is None:
        return None
    creditor = connection.execute(select(CREDITORS).where(CREDITORS.c.id == link.creditor_id)).one()
    rows = connection.execute(
        select(INVOICES)
        .where(INVOICES.c.id.in_(link.invoices), INVOICES.c.debtor_id == link.debtor_id, INVOICES.c.currency == link.currency)
        .order_by(INVOICES.c.due, INVOICES.c.id)
    ).all()
    taken = _credited(connection, link.debtor_id, link.currency)
    left = [(one, one.open - taken.get(one.id, ZERO) + one.charges) for one in rows if one.stage not in _GONE]
    return Asked(
        token,
        link.creditor_id,
        link.debtor_id,
        creditor.name,
        creditor.iban,
        creditor.bic,
        rows[0].reference if len(rows) == 1 else None,
        link.currency,
        link.language,
        tuple(Owed(one.id, one.number, amount) for one, amount in left if amount > ZERO),
        tuple(one.number for one in rows),
    )


def _credited(connection: Connection, debtor: int, currency: str) -> dict[int, Decimal]:
    """What money on account and open credit notes cover of each invoice of a debtor, the oldest first: nobody is asked for that."""
    account = (ENTRIES.c.debtor_id == debtor, ENTRIES.c.currency == currency, ENTRIES.c.account == UNALLOCATED)
    spare = connection.scalar(select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)).where(*account))
    mine = (INVOICES.c.debtor_id == debtor, INVOICES.c.currency == currency, INVOICES.c.open != ZERO)
    rows = connection.execute(select(INVOICES.c.id, INVOICES.c.open).where(*mine).order_by(INVOICES.c.due, INVOICES.c.id)).all()
    credit = max(-Decimal(spare or 0), ZERO) - sum((one.open for one in rows if one.open < 0), ZERO)
    taken: dict[int, Decimal] = {}
    for one in rows:
        if credit > 0 and one.open > 0:
            taken[one.id] = min(credit, one.open)
            credit -= taken[one.id]
    return taken
