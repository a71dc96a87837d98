"""A case and its changes of state: each is checked, written and recorded in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, insert, select, update

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.machine import DISPUTE, PLAN, PROMISE, Machine
from einvoice.receivables.store.tables import DEBTORS, DISPUTES, HISTORY, INVOICES, PLANS, PROMISES

_TABLES: Mapping[str, Table] = {DISPUTE.kind: DISPUTES, PROMISE.kind: PROMISES, PLAN.kind: PLANS}
SOME = 500
"""How many ids one statement names at most."""


class At(NamedTuple):
    """When something is done and by whom: the creditor's day, the moment in UTC, the key of a person or `debtor`, `policy`, `clock`."""

    day: date
    now: datetime
    by: str


def fetch(connection: Connection, machine: Machine, case: int) -> Row[Any]:
    """The row of a case, locked until the transaction ends. Raises ReceivablesError where there is none."""
    return _one(connection, _TABLES[machine.kind], case, machine.kind)


def debtor_of(connection: Connection, debtor: int) -> Row[Any]:
    """A debtor's row, locked until the transaction ends. Raises ReceivablesError where there is none."""
    return _one(connection, DEBTORS, debtor, "debtor")


def invoice_of(connection: Connection, invoice: int) -> Row[Any]:
    """An invoice's row, locked until the transaction ends. Raises ReceivablesError where there is none."""
    return _one(connection, INVOICES, invoice, "invoice")


def invoices_of(connection: Connection, debtor: int, invoices: Iterable[int]) -> Sequence[Row[Any]]:
    """Open invoices of one debtor in one currency, by due date, locked until the transaction ends.

    Raises ReceivablesError where one is another's, is settled, is a credit note, or has another currency.
    """
    wanted = sorted(set(invoices))
    found = connection.execute(
        select(INVOICES).where(INVOICES.c.id.in_(wanted)).order_by(INVOICES.c.due, INVOICES.c.id).with_for_update()
    ).all()
    missing = [one for one in wanted if one not in {row.id for row in found if row.debtor_id == debtor}]
    if missing or not wanted:
        raise ReceivablesError(f"the debtor {debtor} has no invoice {', '.join(map(str, missing)) or 'in what was asked'}; name its own")
    nothing = [row.number for row in found if row.open + row.charges <= 0]
    if nothing:
        raise ReceivablesError(f"nothing is open of {', '.join(nothing)}; leave it out")
    if len({row.currency for row in found}) > 1:
        raise ReceivablesError("the invoices have several currencies; make one case for each")
    return found


def move(connection: Connection, machine: Machine, case: Row[Any], becomes: str, at: At, note: str | None = None, **changes: Any) -> None:
    """Moves a case to a state, with further columns, and records it.

    Raises ReceivablesError where the case has ended or the state does not follow its own.
    """
    if case.closed_on is not None:
        raise ReceivablesError(f"the {machine.kind} {case.id} ended {case.state} on {case.closed_on}; open a new one")
    machine.require(case.id, case.state, becomes)
    table = _TABLES[machine.kind]
    if becomes in machine.ended:
        changes = {"closed_on": at.day, **changes}
    connection.execute(update(table).where(table.c.id == case.id).values(state=becomes, **changes))
    record(connection, machine.kind, case.id, case.state, becomes, at, note)


def record(connection: Connection, kind: str, case: int, was: str | None, became: str, at: At, note: str | None = None) -> None:
    """Writes a change of state into the history."""
    row = {"kind": kind, "case_id": case, "was": was, "became": became, "on": at.day, "at": at.now, "by": at.by, "note": note}
    connection.execute(insert(HISTORY), row)


def created(connection: Connection, machine: Machine, values: Mapping[str, Any], at: At, note: str | None = None) -> int:
    """Makes a case in the machine's first state, and records it; its id."""
    made = connection.execute(insert(_TABLES[machine.kind]).values(state=machine.start, **values)).inserted_primary_key
    assert made is not None
    record(connection, machine.kind, made[0], None, machine.start, at, note)
    case: int = made[0]
    return case


def _one(connection: Connection, table: Table, key: int, name: str) -> Row[Any]:
    row = connection.execute(select(table).where(table.c.id == key).with_for_update()).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no {name} {key}; list those there are")
    return row
