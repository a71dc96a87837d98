"""A statement of account in words: what the composer says of it, and how late what is open is (`stating.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from einvoice.receivables.documents import compose_papers
from einvoice.receivables.documents.compose_papers import Booked
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.parties import Debt, Party
from einvoice.receivables.documents.words import day, money, spoken
from einvoice.receivables.ledger.asof import BANDS
from einvoice.receivables.statement import Account, Statement


def stated(party: Party, made: Statement, account: Account, channel: str = "email") -> Content:
    """An account of a statement as a document in the party's language; every amount is in the account's currency.

    Raises Missing where a field of the creditor is not filled in.
    """
    party = party._replace(currency=account.currency)
    rows = [Booked(row.day, row.kind, row.number, row.amount, row.due) for row in account.rows]
    owed = [Debt(item.number, item.issued, item.due, item.open, item.charges) for item in account.items if item.kind == "invoice"]
    content = compose_papers.statement(party, rows, made.since, made.until, account.opening, owed=owed, channel=channel)
    bands = ", ".join(_bands(account, spoken(party.language)))
    if not bands:
        return content
    said = _words()[content.language]["late"].format(day=day(made.until, content.language), bands=bands)
    return content._replace(remarks=(said, *content.remarks))


def _bands(account: Account, language: str) -> Iterator[str]:
    """What is open by how late it is, charges and money on account; what is nothing is left out."""
    said = _words()[language]
    first = (None, 1, *(last + 1 for last in BANDS))
    for number, amount in enumerate(account.ageing):
        if amount:
            name = "not_due" if number == 0 else "beyond" if number > len(BANDS) else "band"
            last = BANDS[min(number, len(BANDS)) - 1]
            yield said[name].format(amount=money(amount, account.currency, language), first=first[number], last=last)
    for name, amount in (("charges", account.charges), ("unallocated", account.unallocated)):
        if amount:
            yield said[name].format(amount=money(amount, account.currency, language))


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = tomllib.loads((Path(__file__).parent / "stating.toml").read_text("utf-8"))
    return found
