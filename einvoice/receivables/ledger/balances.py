"""What invoices and debtors carry of the entries, kept equal to them: open, charges, stage, settled, payment behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, func, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.ledger.booking import PRINCIPAL
from einvoice.receivables.store.tables import DEBTORS, ENTRIES, INVOICES

CLOSED = frozenset({"settled", "written_off", "reversed"})
"""The stages at which nothing of the principal is open."""

SOME = 10_000
"""Ids that are asked for at once: databases bound the parameters of a statement."""


class Standing(NamedTuple):
    """An invoice as it stands, before or after a booking."""

    id: int
    creditor: int
    debtor: int
    number: str
    kind: str
    issued: date
    due: date
    currency: str
    amount: Decimal
    open: Decimal
    charges: Decimal
    stage: str
    settled_on: date | None
    stage_before: str | None


class Change(NamedTuple):
    """What a booking does to an invoice: to its principal and charges, on which day, and as what kind of transaction.

    The kind `void` takes the invoice itself back.
    """

    invoice: int
    day: date
    kind: str
    principal: Decimal = ZERO
    charges: Decimal = ZERO


class Behaviour(NamedTuple):
    """How a debtor pays: invoices posted, settled, settled late, and their days late added up."""

    posted: int = 0
    settled: int = 0
    settled_late: int = 0
    days_late: int = 0


COLUMNS = tuple(INVOICES.c[f"{name}_id" if name in ("creditor", "debtor") else name] for name in Standing._fields)


def standing(connection: Connection, ids: Iterable[int]) -> dict[int, Standing]:
    """Invoices as they stand, locked until the transaction ends.

    Raises ReceivablesError where one does not exist.
    """
    wanted = sorted(set(ids))
    held: dict[int, Standing] = {}
    for some in range(0, len(wanted), SOME):
        query = select(*COLUMNS).where(INVOICES.c.id.in_(wanted[some : some + SOME])).order_by(INVOICES.c.id).with_for_update()
        held |= {row.id: Standing(*row) for row in connection.execute(query).all()}
    missing = [ref for ref in wanted if ref not in held]
    if missing:
        raise ReceivablesError(f"the ledger has no invoice {missing[0]}")
    return held


def apply(connection: Connection, held: Mapping[int, Standing], changes: Sequence[Change]) -> dict[int, Standing]:
    """Brings what invoices and debtors carry up to date with entries that were just written; returns the invoices as they stand now."""
    now = dict(held)
    for change in changes:
        now[change.invoice] = after(now[change.invoice], change)
    touched = [now[ref] for ref in dict.fromkeys(change.invoice for change in changes)]
    now |= {one.id: one for one in _with_last_day(connection, held, touched)}
    changed = [now[one.id] for one in touched if now[one.id] != held[one.id]]
    save(connection, changed)
    save_behaviour(connection, [(held[one.id], one) for one in changed])
    return now


def after(was: Standing, change: Change) -> Standing:
    """An invoice after a booking: settled or written off once nothing of the principal is open, and where it stood once it is again."""
    now = was._replace(open=was.open + change.principal, charges=was.charges + change.charges)
    if change.kind == "void":
        return now._replace(stage="reversed", settled_on=None, stage_before=None)
    if now.open and was.stage in CLOSED:
        return now._replace(stage=was.stage_before or "open", settled_on=None, stage_before=None)
    if now.open or was.stage in CLOSED:
        return now
    stage = "written_off" if change.kind == "write_off" else "settled"
    return now._replace(stage=stage, settled_on=change.day if stage == "settled" else None, stage_before=was.stage)


def behaviour(invoice: Standing | None) -> Behaviour:
    """What one invoice adds to its debtor's behaviour; a credit note and a reversed invoice add nothing."""
    if invoice is None or invoice.kind != "invoice" or invoice.stage == "reversed":
        return Behaviour()
    if invoice.settled_on is None:
        return Behaviour(1)
    late = max(0, (invoice.settled_on - invoice.due).days)
    return Behaviour(1, 1, int(late > 0), late)


def save(connection: Connection, changed: Sequence[Standing]) -> None:
    """Writes invoices as they stand now."""
    if changed:
        names = ("open", "charges", "stage", "settled_on", "stage_before")
        update = INVOICES.update().where(INVOICES.c.id == bindparam("this")).values({name: bindparam(name) for name in names})
        connection.execute(update, [{"this": one.id, **{name: getattr(one, name) for name in names}} for one in changed])


class Tally:
    """What became of many invoices, summed up by debtor until it is saved."""

    def __init__(self) -> None:
        self.sums: dict[int, list[int]] = {}
        self.first: dict[int, date] = {}

    def add(self, was: Standing | None, now: Standing) -> None:
        """An invoice as it stood (None: it is new) and as it stands."""
        sums = self.sums.setdefault(now.debtor, [0, 0, 0, 0])
        if was is None and now.settled_on is None:
            sums[0] += now.kind == "invoice"  # most of an import: in no need of the comparison below
        else:
            self._compare(sums, was, now)
        if was is None and now.kind == "invoice":
            self.first[now.debtor] = min(now.issued, self.first.get(now.debtor, now.issued))

    @staticmethod
    def _compare(sums: list[int], was: Standing | None, now: Standing) -> None:
        for index, (before, after) in enumerate(zip(behaviour(was), behaviour(now), strict=True)):
            sums[index] += after - before

    def save(self, connection: Connection) -> None:
        """Adds the sums to the debtors, and begins anew."""
        rows = [
            {"this": debtor, **dict(zip(_MORE, self.sums[debtor], strict=True)), "first": self.first.get(debtor)}
            for debtor in sorted(self.sums)
            if any(self.sums[debtor]) or debtor in self.first
        ]
        if rows:
            connection.execute(_ADDED, rows)
        self.sums, self.first = {}, {}


def save_behaviour(connection: Connection, changes: Iterable[tuple[Standing | None, Standing]]) -> None:
    """Adds to debtors what became of their invoices: each as it stood (None: it is new) and as it stands."""
    tally = Tally()
    for was, now in changes:
        tally.add(was, now)
    tally.save(connection)


_MORE = [f"more_{name}" for name in Behaviour._fields]
_FIRST = bindparam("first", type_=DEBTORS.c.first_posted.type)
_ADDED = (
    DEBTORS.update()
    .where(DEBTORS.c.id == bindparam("this"))
    .values({name: DEBTORS.c[name] + bindparam(f"more_{name}") for name in Behaviour._fields})
    .values(
        first_posted=case(
            (_FIRST.is_(None), DEBTORS.c.first_posted), (DEBTORS.c.first_posted <= _FIRST, DEBTORS.c.first_posted), else_=_FIRST
        )
    )
)


def first_posted(connection: Connection, transaction: int) -> None:
    """Works a debtor's first invoice out anew, after the one that this transaction booked was reversed."""
    debtor = connection.execute(select(ENTRIES.c.debtor_id).where(ENTRIES.c.transaction_id == transaction).limit(1)).scalar_one()
    kept = (INVOICES.c.debtor_id == debtor, INVOICES.c.kind == "invoice", INVOICES.c.stage != "reversed")
    earliest = select(func.min(INVOICES.c.issued)).where(*kept).scalar_subquery()
    connection.execute(DEBTORS.update().where(DEBTORS.c.id == debtor).values(first_posted=earliest))


def _with_last_day(connection: Connection, held: Mapping[int, Standing], now: Sequence[Standing]) -> list[Standing]:
    """The invoices that are settled now, with the last day on which their principal moved: bookings need not come in order."""
    parts = [one.id for one in now if one.settled_on and held[one.id].settled_on is None and held[one.id].open != held[one.id].amount]
    if not parts:
        return list(now)
    query = (
        select(ENTRIES.c.invoice_id, func.max(ENTRIES.c.booked))
        .where(ENTRIES.c.invoice_id.in_(parts), ENTRIES.c.account == PRINCIPAL)
        .group_by(ENTRIES.c.invoice_id)
    )
    last = {row[0]: row[1] for row in connection.execute(query).all()}
    return [one._replace(settled_on=last[one.id]) if one.id in last else one for one in now]
