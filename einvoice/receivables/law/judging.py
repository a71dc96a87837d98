"""A step before the law: what it may claim, which notice it gives, and whether it must wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from einvoice.money import ZERO, rounded
from einvoice.receivables.actions import Charge, Note
from einvoice.receivables.law.claiming import Earned, earned, incurred
from einvoice.receivables.law.debt import NOTHING, Debt
from einvoice.receivables.law.fees import fee
from einvoice.receivables.law.instalments import share
from einvoice.receivables.law.notices import term_ends
from einvoice.receivables.law.pack import CostRule, Debtors, Notice, Pack
from einvoice.receivables.law.ruling import Asked, Ruling
from einvoice.receivables.law.wording import costs_lines, interest_lines
from einvoice.receivables.snapshot import InvoiceSnapshot

_DAY = timedelta(days=1)
ANY = "*"


class Manner(NamedTuple):
    """How debtors of a country may be reached: the hours, and the channels by which a notice can be given."""

    window: tuple[time, time]
    written: frozenset[str]


def judge(pack: Pack | None, manner: Manner, asked: Asked) -> Ruling:
    """The ruling on a step, by the law of the debtor's country; without a pack nothing may be claimed."""
    debtors = None if pack is None else pack.debtors.get(asked.debtor.kind)
    if pack is None or debtors is None:
        return _plain(manner) if asked.claims == "none" else _unknown(manner, asked.debtor.country, asked.debtor.kind)
    if asked.claims == "none" and debtors.notice is None:
        return _plain(manner)
    return _judged(pack, debtors, manner, asked)


@lru_cache(maxsize=8)
def _plain(manner: Manner) -> Ruling:
    """The step as it is."""
    return Ruling(window=manner.window)


@lru_cache(maxsize=1024)
def _unknown(manner: Manner, country: str, kind: str) -> Ruling:
    text = f"no statutory claim is known against {kind} debtors in {country}; a file with its law would mend that"
    return Ruling(window=manner.window, notes=(Note("unknown-country", text),))


def _judged(pack: Pack, debtors: Debtors, manner: Manner, asked: Asked) -> Ruling:
    notice = debtors.notice
    gives = notice is not None and _gives(notice, manner, asked)
    notes: list[Note] = []
    charges = tuple(_charges(pack, debtors, asked, notes)) if asked.claims != "none" else ()
    not_before = veto = None
    if notice is not None:
        not_before, veto = _waits(notice, debtors, asked)
        if gives:
            notes.append(Note(notice.id, f"gives the statutory notice, whose term is {notice.days} days", str(notice.basis)))
    announces = tuple(_announced(pack, debtors, asked)) if gives else ()
    name = notice.id if gives and notice is not None else None
    return Ruling(not_before, veto, charges, name, manner.window, tuple(dict.fromkeys(notes)), announces)


def _gives(notice: Notice, manner: Manner, asked: Asked) -> bool:
    """Whether the step gives the notice: a fit document in writing, after the due date of every invoice, to one that lacks it."""
    return (
        not asked.handover
        and (ANY in notice.documents or asked.document in notice.documents)
        and any(channel in manner.written for channel in asked.channels)
        and all(asked.day > invoice.due for invoice in asked.invoices)
        and any(invoice.notice != notice.id for invoice in asked.invoices)
        and asked.day >= notice.basis.since
    )


def _waits(notice: Notice, debtors: Debtors, asked: Asked) -> tuple[date | None, Note | None]:
    """What a statutory notice and a hand-over must wait for."""
    if not asked.invoices:
        return None, None
    if asked.document == "statutory_notice" and not asked.handover:
        default = max(invoice.due for invoice in asked.invoices) + _DAY
        return (default if default > asked.day else None), None
    if not asked.handover or debtors.costs is None or debtors.costs.after != "notice":
        return None, None
    ends = [_ends(notice, invoice) for invoice in asked.invoices]
    if None in ends:
        text = f"a hand-over brings the debtor costs, which the law allows after the notice {notice.id} only; give it first"
        return None, Note("notice-first", text, str(notice.basis))
    allowed = max(end for end in ends if end is not None) + _DAY
    return (allowed if allowed > asked.day else None), None


def _ends(notice: Notice | None, invoice: InvoiceSnapshot) -> date | None:
    if notice is None or invoice.notice != notice.id or invoice.notice_on is None:
        return None
    return term_ends(notice, invoice.notice_on)


def _debt(asked: Asked, invoice: InvoiceSnapshot, notice: Notice | None) -> Debt:
    return Debt(
        kind=asked.debtor.kind,
        principal=invoice.open,
        issued=invoice.issued,
        due=invoice.due,
        until=asked.day,
        currency=invoice.currency,
        ends=_ends(notice, invoice),
        contract=invoice.contract or NOTHING,
        deducts_vat=asked.debtor.creditor.deducts_vat,
    )


def _charges(pack: Pack, debtors: Debtors, asked: Asked, notes: list[Note]) -> Iterator[Charge]:
    late = [invoice for invoice in asked.invoices if invoice.open > 0 and invoice.due < asked.day]
    for invoice in late:
        debt = _debt(asked, invoice, debtors.notice)
        if asked.claims in {"interest", "all"} and debtors.interest is not None:
            found = earned(pack, debt)
            notes.extend(found.notes)
            yield from _interest(found, invoice, asked.day)
        if asked.claims in {"costs", "all"} and debtors.costs is not None:
            yield from _costs(pack, debtors.costs, asked, invoice, debt, notes)
    if asked.claims in {"costs", "all"} and debtors.costs is not None and late:
        yield from fee(debtors.costs, asked, [(invoice, _ends(debtors.notice, invoice)) for invoice in late], notes)


def _interest(found: Earned, invoice: InvoiceSnapshot, day: date) -> Iterator[Charge]:
    """Interest that comes on top of what was booked."""
    more = found.interest.total - invoice.interest_booked
    if more > 0:
        yield Charge(invoice.id, "interest", more, ZERO, day, interest_lines(found.interest, invoice.currency, invoice.interest_booked))


def _costs(pack: Pack, rule: CostRule, asked: Asked, invoice: InvoiceSnapshot, debt: Debt, notes: list[Note]) -> Iterator[Charge]:
    """Costs, once an invoice, and never more than its notice stated."""
    if invoice.costs_booked > 0:
        return
    found = incurred(pack, debt, share(rule, asked, invoice))
    notes.extend(found.notes)
    amount, tax = _at_most(found.amount, found.vat, invoice.costs_stated)
    if amount > 0:
        yield Charge(invoice.id, "costs", amount, tax, found.since, costs_lines(rule, debt, amount, tax))


def _at_most(amount: Decimal, tax: Decimal, stated: Decimal | None) -> tuple[Decimal, Decimal]:
    """Costs and their VAT, lowered to what was stated with VAT."""
    if stated is None or amount + tax <= stated:
        return amount, tax
    lowered = rounded(stated * amount / (amount + tax))
    return lowered, stated - lowered


def _announced(pack: Pack, debtors: Debtors, asked: Asked) -> Iterator[Charge]:
    """The costs that will be claimed where this notice is not heeded, to the cent."""
    rule = debtors.costs
    if rule is None or rule.after != "notice":
        return
    for invoice in asked.invoices:
        if invoice.open <= 0 or invoice.notice is not None or invoice.costs_booked > 0:
            continue
        debt = _debt(asked, invoice, None)._replace(ends=date.min)
        found = incurred(pack, debt, share(rule, asked, invoice))
        if found.amount > 0:
            yield Charge(invoice.id, "costs", found.amount, found.vat, None, costs_lines(rule, debt, found.amount, found.vat))
