"""How interest and costs were computed, line by line with the law; the terms and notices that they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select

from einvoice.receivables.actions import to_json
from einvoice.receivables.documents.words import day, money
from einvoice.receivables.handover.brief import Brief, Claimed, File
from einvoice.receivables.handover.texts import headed, json_file, text_file
from einvoice.receivables.handover.words import say, title
from einvoice.receivables.law.booked import debt_of
from einvoice.receivables.law.claim import Claim, claim
from einvoice.receivables.law.pack import MARKS
from einvoice.receivables.store.tables import CHARGES


def computation(brief: Brief) -> Iterator[File]:
    """Of each invoice what is claimed, what of it was booked and how, what is newly claimed, and what the law gives through today."""
    told, lines = [], []
    for claimed in brief.claims():
        made = _by_law(brief, claimed.invoice)
        booked = _booked(brief, claimed.invoice)
        told.append(_told(brief, claimed, booked, made))
        lines += [*_lines(brief, claimed, booked, made), ""]
    yield json_file("computation/computation.json", {"day": brief.day, "rates": brief.laws.rates, "invoices": told}, "computation")
    yield text_file("computation/computation.txt", headed(title(brief.language, "computation"), lines), "computation")


def terms(brief: Brief) -> Iterator[File]:
    """What was agreed of each invoice, and the statutory notices with the basis on which their receipt is presumed."""
    told, lines = [], []
    for row in brief.invoices:
        told.append(
            {
                "invoice": row.number,
                "contract": row.contract,
                "flags": row.flags,
                "order_number": row.order_number,
                "notice": row.notice,
                "received_on": row.notice_on,
                "basis": row.notice_basis,
                "costs_announced": row.costs_stated,
            }
        )
        lines += [*_agreed(brief, row), ""]
    yield json_file("terms/terms.json", told, "terms")
    yield text_file("terms/terms.txt", headed(title(brief.language, "terms"), lines), "terms")


def _by_law(brief: Brief, row: Row[Any]) -> Claim:
    country, debt = debt_of(brief.connection, brief.laws, row.creditor_id, row.number, brief.day)
    return claim(brief.laws, country, debt)


def _booked(brief: Brief, row: Row[Any]) -> list[Row[Any]]:
    return list(brief.connection.execute(select(CHARGES).where(CHARGES.c.invoice_id == row.id).order_by(CHARGES.c.id)).all())


def _told(brief: Brief, claimed: Claimed, booked: list[Row[Any]], made: Claim) -> dict[str, Any]:
    row = claimed.invoice
    charges = brief.action.charges if brief.action is not None else ()
    return {
        "invoice": row.number,
        "currency": row.currency,
        "issued": row.issued,
        "due": row.due,
        "amount": row.amount,
        "open": row.open,
        "charges_open": row.charges,
        "claimed": {"principal": claimed.principal, "booked": claimed.booked, "new": claimed.new, "total": claimed.total},
        "booked": [
            {
                "kind": one.kind,
                "until": one.until,
                "amount": one.amount,
                "vat": one.vat,
                "waived_on": one.waived_on,
                "computation": one.computation,
            }
            for one in booked
        ],
        "new": [to_json(charge) for charge in charges if charge.invoice == row.id],
        "by_law": to_json(made),
    }


def _lines(brief: Brief, claimed: Claimed, booked: list[Row[Any]], made: Claim) -> Iterator[str]:
    language, row = brief.language, claimed.invoice
    yield f"{say(language, 'invoice')} {row.number}, {say(language, 'due').lower()} {day(row.due, language)}"
    for name, amount in (("principal", claimed.principal), ("booked", claimed.booked), ("total", claimed.total)):
        yield f"  {say(language, name):<40} {money(amount, row.currency, language):>18}"
    yield f"  {say(language, 'as_booked')}: {say(language, 'none') if not booked else ''}".rstrip()
    for one in booked:
        yield f"    {one.kind:<10} {one.until}  {money(one.amount + one.vat, row.currency, language)}"
        yield from (f"      {text}" for text in _texts(one.computation))
    charges = brief.action.charges if brief.action is not None else ()
    for charge in (charge for charge in charges if charge.invoice == row.id):
        yield f"    {say(language, charge.kind)}: {money(charge.amount + charge.vat, row.currency, language)}"
        yield from (f"      {text}" for text in charge.lines)
    yield f"  {say(language, 'by_law', day=day(brief.day, language))}:"
    if made.notes and not made.interest and not made.costs:
        yield f"    {say(language, 'unknown_law')}"
    for line in made.lines:
        when = f"{line.first} – {line.last}  " if line.first else ""
        law = f"  [{line.law} {MARKS[line.confidence]}]" if line.law and line.confidence else ""
        yield f"    {when}{line.text}: {money(line.amount, made.currency, language)}{law}"
    yield from (f"    ! {note.text}" + (f" ({note.source})" if note.source else "") for note in made.notes)


def _texts(kept: Any) -> list[str]:
    """The lines of a computation as it was kept."""
    if isinstance(kept, dict):
        kept = kept.get("lines", [])
    return [str(line) for line in kept] if isinstance(kept, list) else []


def _agreed(brief: Brief, row: Row[Any]) -> Iterator[str]:
    language = brief.language
    yield f"{say(language, 'invoice')} {row.number}"
    agreed = ", ".join(f"{name}: {value}" for name, value in sorted((row.contract or {}).items()))
    yield f"  {say(language, 'contract')}: {agreed or say(language, 'none')}"
    if row.notice and row.notice_on:
        yield f"  {say(language, 'notice', notice=row.notice, on=day(row.notice_on, language))}"
        yield f"  {say(language, 'basis', basis=row.notice_basis or say(language, 'none'))}"
    if row.costs_stated is not None:
        yield f"  {say(language, 'announced', amount=money(row.costs_stated, row.currency, language))}"
