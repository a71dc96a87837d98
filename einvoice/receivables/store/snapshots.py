"""Snapshots of a creditor's debtors out of the database: a constant number of queries, merged as streams."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.snapshot import CreditorSnapshot, DebtorSnapshot, InvoiceSnapshot
from einvoice.receivables.store import queries
from einvoice.receivables.store.building import Builder
from einvoice.receivables.store.past import Past
from einvoice.receivables.store.queries import Asked
from einvoice.receivables.store.streams import Stream, amount, rows
from einvoice.receivables.store.tables import CREDITORS

_SOME = 10_000  # debtors by name in one query: databases bound the number of parameters
_NOBODY: Mapping[Any, Any] = {}


def snapshots(
    connection: Connection, creditor: int, day: date, *, debtors: Collection[int] | None = None, due_by: date | None = None
) -> Iterator[DebtorSnapshot]:
    """The debtors of a creditor who have something open on a day, by id; `debtors` picks some by id.

    `due_by` leaves out who has no invoice in follow-up (stage open) that is due by then; everything else that the others owe is still
    there. A plan needs no more (`planning.horizon`).

    Where something was booked or done after the day, balances and follow-up are those at its end; a debtor's own particulars and
    payment behaviour are always today's. Reads as it goes, so iterate within the transaction, and write in another. Raises
    ReceivablesError where there is no such creditor.
    """
    owner = creditor_snapshot(connection, creditor)
    asked = Asked(creditor, day, None, due_by, queries.anything_later(connection, creditor, day))
    if debtors is None:
        yield from _merged(connection, owner, asked)
        return
    wanted = sorted(set(debtors))
    for start in range(0, len(wanted), _SOME):
        yield from _merged(connection, owner, asked._replace(debtors=wanted[start : start + _SOME]))


def creditor_snapshot(connection: Connection, creditor: int) -> CreditorSnapshot:
    """Who is owed.

    Raises ReceivablesError where there is no such creditor.
    """
    columns = [CREDITORS.c[name] for name in CreditorSnapshot._fields]
    row = connection.execute(select(*columns).where(CREDITORS.c.id == creditor)).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no creditor {creditor}; `einvoice receivables import` enters one")
    return CreditorSnapshot(*row)


def _merged(connection: Connection, owner: CreditorSnapshot, asked: Asked) -> Iterator[DebtorSnapshot]:
    """Walks all streams side by side, debtor by debtor."""
    with ExitStack() as opened:

        def stream(query: Any) -> Stream:
            made = Stream(connection, query(asked))
            opened.callback(made.close)
            return made

        own = rows(connection, queries.debtors(asked))
        opened.callback(own.close)
        past = Past(stream(queries.changes), stream(queries.charged), asked.day) if asked.later else None
        build = Builder(owner, asked.day, past)
        invoices, contacts, consents = stream(queries.invoices), stream(queries.contacts), stream(queries.consents)
        holds, unallocated, steps = stream(queries.holds), stream(queries.unallocated), stream(queries.steps)
        reminders, pending, disputes = stream(queries.reminders), stream(queries.pending), stream(queries.disputes)
        for row in own:
            debtor = row[0]
            open_invoices = build.invoices(debtor, invoices.of(debtor))
            if open_invoices and _is_wanted(open_invoices, asked.due_by):
                yield build.debtor(
                    row,
                    open_invoices,
                    build.contacts(contacts.of(debtor)),
                    {channel: bool(granted) for _, channel, granted in consents.of(debtor)} or _NOBODY,
                    build.holds(holds.of(debtor)),
                    {currency: amount(mills) for _, currency, mills in unallocated.of(debtor)} or _NOBODY,
                    tuple([build.days[on] for _, on in steps.of(debtor)]),
                    sum(count for _, count in reminders.of(debtor)),
                    any(True for _ in pending.of(debtor)),
                    sum(count for _, count in disputes.of(debtor)),
                )


def _is_wanted(invoices: tuple[InvoiceSnapshot, ...], due_by: date | None) -> bool:
    return due_by is None or any(invoice.due <= due_by and invoice.stage == "open" for invoice in invoices)
