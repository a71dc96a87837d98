"""What is collected next: open invoices of debtors with a mandate, on their pay day, announced in time.

Left out are invoices that are disputed, promised, in a payment plan or held, what credits cover, what is on its way already, and what
came back before (once more is allowed where the account lacked money). The sequence is RCUR for a mandate that is used again and OOFF
for one that is used once: since November 2016 the first of a series need not be told apart as FRST (EPC016-06, 4.3.1).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select

from einvoice.money import ZERO
from einvoice.receivables.actions import Note
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.holds import hold
from einvoice.receivables.paying import mandates
from einvoice.receivables.paying.days import anchored, later
from einvoice.receivables.paying.returns import meaning
from einvoice.receivables.planning.credit import asked, holds_on
from einvoice.receivables.planning.pauses import pauses
from einvoice.receivables.planning.steps import tables_of
from einvoice.receivables.policy import Policy, segment
from einvoice.receivables.snapshot import DebtorSnapshot, InvoiceSnapshot, Reason
from einvoice.receivables.store import snapshots
from einvoice.receivables.store.tables import COLLECTIONS, CREDITORS

NOTICE = 14
"""Calendar days between pre-notification and due date, where nothing shorter was agreed (EPC016-06, 4.3.1)."""
SENDING = 1
"""Days that a pre-notification may take to leave."""
AHEAD = 7
"""Days before the time of its pre-notification from which a collection is proposed."""
RETURNS = 8
"""TARGET business days after the due date for which reminders wait for news: banks return within five, statements take a day or two."""
CURRENCY = "EUR"


class Proposed(NamedTuple):
    """A collection: of whom, by which mandate, how much in EUR of which invoices, on which day."""

    debtor: int
    mandate: int
    end_to_end: str
    amount: Decimal
    invoices: tuple[tuple[int, Decimal], ...]
    sequence: str
    due: date


class Found(NamedTuple):
    """What can be collected, and why the rest is not, counted by reason."""

    proposed: tuple[Proposed, ...]
    left: Mapping[str, int]


def plan(connection: Connection, creditor: int, policy: Policy, at: At) -> tuple[int, ...]:
    """Writes down what is collected next, and keeps reminders of it back; the ids of the new collections. A second time adds nothing."""
    connection.execute(select(CREDITORS.c.id).where(CREDITORS.c.id == creditor).with_for_update())
    mandates.expire(connection, creditor, at.day)
    return tuple(_written(connection, creditor, one, at) for one in propose(connection, creditor, policy, at.day).proposed)


def propose(connection: Connection, creditor: int, policy: Policy, day: date) -> Found:
    """What `plan` would write; reads only."""
    usable = mandates.active(connection, creditor, day)
    busy, before = _history(connection, creditor)
    left: Counter[str] = Counter()
    made: list[Proposed] = []
    for debtor in snapshots(connection, creditor, day, debtors=usable):
        mandate = usable[debtor.id]
        free = [one for one in _free(debtor, day, left) if not _refused(one[0], busy, before, left)]
        made += _grouped(debtor, mandate, free, _pay_day(debtor, policy, day), day)
    return Found(tuple(made), dict(sorted(left.items())))


def notice_of(contracts: Iterable[Mapping[str, Any] | None]) -> int:
    """The calendar days that invoices are announced before they are collected: 14, unless each agreed on fewer (`prenotice_days`)."""
    agreed = [(contract or {}).get("prenotice_days") for contract in contracts]
    return max((days if isinstance(days, int) and 1 <= days <= NOTICE else NOTICE for days in agreed), default=NOTICE)


def _free(debtor: DebtorSnapshot, day: date, left: Counter[str]) -> Iterator[tuple[InvoiceSnapshot, Decimal]]:
    """The invoices of a debtor that nothing holds, and what of each is asked for after credits and disputed parts."""
    holds = holds_on(debtor, day)
    if notes := [note for note in pauses(debtor, holds, day) if note.code != "pending"]:
        left[notes[0].code] += 1
        return
    asks = asked(debtor, holds)
    for invoice in debtor.invoices:
        if invoice.kind != "invoice" or invoice.open <= 0 or invoice.stage != "open":
            continue
        amount = asks[invoice.id].amount if invoice.id in asks else invoice.open
        if invoice.currency != CURRENCY:
            left["currency"] += 1
        elif invoice.id in holds.whole:
            left[holds.whole[invoice.id].reason] += 1
        elif amount <= 0:
            left["credit"] += 1
        else:
            yield invoice, amount


def _refused(invoice: InvoiceSnapshot, busy: frozenset[int], before: Mapping[int, list[str]], left: Counter[str]) -> bool:
    """Whether an invoice is on its way already, or came back for a reason, or so often, that a person decides."""
    reasons = before.get(invoice.id, [])
    why = "on its way" if invoice.id in busy else "returned" if len(reasons) > 1 or not all(meaning(each).again for each in reasons) else ""
    left.update([why] if why else [])
    return bool(why)


def _grouped(
    debtor: DebtorSnapshot, mandate: Row[Any], free: list[tuple[InvoiceSnapshot, Decimal]], pay_day: int | None, day: date
) -> Iterator[Proposed]:
    """The invoices of a debtor that are collected on one day are one collection; a mandate that is used once makes one."""
    days: dict[date, list[tuple[InvoiceSnapshot, Decimal]]] = defaultdict(list)
    for invoice, amount in free:
        notice = notice_of([invoice.contract])
        if invoice.due <= day + timedelta(notice + AHEAD):
            earliest = max(invoice.due, day + timedelta(notice + SENDING), later(day, 2))
            days[anchored(earliest, pay_day)].append((invoice, amount))
    once = not mandate.recurrent
    for due in sorted(days)[: 1 if once else None]:
        parts = tuple((invoice.id, amount) for invoice, amount in days[due])
        total = sum((amount for _, amount in parts), ZERO)
        yield Proposed(debtor.id, mandate.id, _end_to_end(mandate.id, due, parts), total, parts, "OOFF" if once else "RCUR", due)


def _pay_day(debtor: DebtorSnapshot, policy: Policy, day: date) -> int | None:
    """The day of the month that a debtor pays on: its own, else that of its flow (payment-moment timing)."""
    if debtor.pay_day is not None:
        return debtor.pay_day
    chosen = segment(policy, debtor, day)
    pay_day = None if isinstance(chosen, Note) else tables_of(policy).flows[chosen.flow].pay_day
    return pay_day if isinstance(pay_day, int) else None


def _end_to_end(mandate: int, due: date, parts: tuple[tuple[int, Decimal], ...]) -> str:
    """An end-to-end id of 26 characters, the same for the same collection."""
    what = repr((mandate, due.isoformat(), [(ref, str(part)) for ref, part in parts]))
    return f"E{due:%Y%m%d}-{hashlib.sha256(what.encode()).hexdigest()[:16]}"


def _history(connection: Connection, creditor: int) -> tuple[frozenset[int], dict[int, list[str]]]:
    """The invoices that are on their way, and why others came back."""
    busy: set[int] = set()
    before: dict[int, list[str]] = defaultdict(list)
    columns = (COLLECTIONS.c.invoices, COLLECTIONS.c.state, COLLECTIONS.c.reason, COLLECTIONS.c.batch)
    for row in connection.execute(select(*columns).where(COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.state != "collected")):
        for ref, _ in row.invoices:
            if row.state in mandates.LIVE:
                busy.add(ref)
            elif row.state == "returned" or row.batch is not None:
                before[ref].append(row.reason or "")
    return frozenset(busy), before


def _written(connection: Connection, creditor: int, one: Proposed, at: At) -> int:
    row = {
        "creditor_id": creditor,
        "debtor_id": one.debtor,
        "mandate_id": one.mandate,
        "end_to_end": _unused(connection, creditor, one.end_to_end),
        "currency": CURRENCY,
        "amount": one.amount,
        "invoices": [[ref, str(amount)] for ref, amount in one.invoices],
        "sequence": one.sequence,
        "due": one.due,
        "state": "planned",
    }
    made = int(connection.execute(insert(COLLECTIONS).values(row).returning(COLLECTIONS.c.id)).scalar_one())
    until = later(one.due, RETURNS)
    hold(connection, one.debtor, Reason.PAYMENT_PENDING, at.day, invoices=[ref for ref, _ in one.invoices], until=until, case=made)
    return made


def _unused(connection: Connection, creditor: int, end_to_end: str) -> str:
    """The id itself, or with a number where the same was withdrawn before."""
    known = select(COLLECTIONS.c.end_to_end).where(COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.end_to_end.startswith(end_to_end))
    count = len(connection.execute(known).all())
    return f"{end_to_end}-{count + 1}" if count else end_to_end
