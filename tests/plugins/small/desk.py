"""The tables of our own receivables as if they were an ERP's: plain queries, so that the foreign repository meets the SQL one."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from einvoice.receivables.actions import Action
from einvoice.receivables.snapshot import Contact, CreditorSnapshot, DebtorSnapshot, Hold, InvoiceSnapshot, channels_of
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, CONSENTS, CONTACTS, CREDITORS, DEBTORS, DISPUTES, ENTRIES, HOLDS, INVOICES, TAKEN
from einvoice_plugins.book import Follow, Kept, Past, Some, Taken

_PARTY = tuple(name for name in DebtorSnapshot._fields[:23] if name not in ("creditor", "parent"))
_ITEM = InvoiceSnapshot._fields[:9]
_AS = {"offset": "step_offset", "stepped": "step_on", "heard": "heard_on"}
_FOLLOW = tuple(_AS.get(name, name) for name in Follow._fields)


class SqlDesk:
    """Every method is one query."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.queries = connection, 0

    def creditor(self, creditor: int) -> CreditorSnapshot:
        columns = [CREDITORS.c[name] for name in CreditorSnapshot._fields]
        return CreditorSnapshot(*self._ask(select(*columns).where(CREDITORS.c.id == creditor)).one())

    def parties(self, creditor: int, day: date, debtors: Some) -> Iterator[DebtorSnapshot]:
        owing = select(INVOICES.c.debtor_id).where(or_(INVOICES.c.open != 0, INVOICES.c.charges != 0))
        query = select(DEBTORS).where(DEBTORS.c.creditor_id == creditor, DEBTORS.c.id.in_(owing)).order_by(DEBTORS.c.id)
        for row in self._ask(_only(query, DEBTORS.c.id, debtors)).mappings():
            values = {name: row[name] for name in _PARTY}
            if row.insolvent_on and row.insolvent_on > day:
                values["insolvent_on"] = None
            yield DebtorSnapshot(creditor=None, parent=row.parent_id, **values)  # type: ignore[arg-type]

    def items(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, InvoiceSnapshot]]:
        columns = [INVOICES.c[name] for name in _ITEM]
        for debtor, *parts in self._ask(self._invoices(creditor, debtors, *columns)):
            yield debtor, InvoiceSnapshot(*parts)

    def follow(self, creditor: int, debtors: Some) -> Iterator[tuple[int, int, Follow]]:
        columns = [INVOICES.c[name] for name in _FOLLOW]
        for debtor, invoice, *parts in self._ask(self._invoices(creditor, debtors, INVOICES.c.id, *columns)):
            yield debtor, invoice, Follow(*parts)

    def contacts(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, Contact]]:
        for row in self._ask(self._beside(CONTACTS, creditor, debtors)).mappings():
            given = {
                "email": bool(row.email) and _not_yet(row.email_bounced_on, day),
                "phone": bool(row.phone) and _not_yet(row.phone_failed_on, day),
                "address": row.address is not None and _not_yet(row.address_failed_on, day),
                "peppol": row.peppol is not None,
            }
            yield row.debtor_id, Contact(row.id, row.role, row.name, row.first_name, row.language, channels_of(**given))

    def consents(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, str, bool]]:
        for row in self._ask(self._beside(CONSENTS, creditor, debtors)).mappings():
            if row.at.date() <= day:
                yield row.debtor_id, row.channel, row.granted

    def holds(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, Hold]]:
        for row in self._ask(self._beside(HOLDS, creditor, debtors)).mappings():
            if row.since <= day and (row.until is None or row.until >= day) and _not_yet(row.ended_on, day):
                yield row.debtor_id, Hold(row.reason, row.invoice_id, row.amount, row.until)

    def on_account(self, creditor: int, debtors: Some) -> Iterator[tuple[int, str, Any]]:
        total = func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)
        where = (ENTRIES.c.creditor_id == creditor, ENTRIES.c.account == "unallocated", ENTRIES.c.debtor_id.is_not(None))
        query = select(ENTRIES.c.debtor_id, ENTRIES.c.currency, total).where(*where).group_by(ENTRIES.c.debtor_id, ENTRIES.c.currency)
        found = self._ask(_only(query, ENTRIES.c.debtor_id, debtors).order_by(ENTRIES.c.debtor_id, ENTRIES.c.currency))
        for debtor, currency, amount in found:
            if amount < 0:
                yield debtor, currency, -amount

    def past(self, creditor: int, day: date, since: date, debtors: Some) -> Iterator[Past]:
        table = ACTIONS.c
        asked = or_(table.day > since, table.state.in_(["planned", "queued"]))
        query = select(table.debtor_id, table.day, table.kind, table.step_offset, table.notice, table.state)
        query = _only(query.where(table.creditor_id == creditor, table.day <= day, asked), table.debtor_id, debtors)
        yield from (Past(*row) for row in self._ask(query.order_by(table.debtor_id, table.day)))

    def disputes(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, int]]:
        table = DISPUTES.c
        query = select(table.debtor_id, func.count()).where(table.creditor_id == creditor, table.opened_on <= day)
        query = _only(query, table.debtor_id, debtors).group_by(table.debtor_id).order_by(table.debtor_id)
        yield from ((debtor, count) for debtor, count in self._ask(query))

    def alone(self, creditor: int) -> None:
        """SQLite has one writer at a time."""

    def of_days(self, debtors: Collection[int], days: Collection[date]) -> list[Kept]:
        query = select(ACTIONS).where(ACTIONS.c.debtor_id.in_(debtors), ACTIONS.c.day.in_(days))
        return [_kept(row) for row in self._ask(query).mappings()]

    def taken_of(self, invoices: Collection[int]) -> list[Taken]:
        return self._taken(TAKEN.c.invoice_id.in_(invoices))

    def followed(self, invoices: Collection[int]) -> Mapping[int, Follow]:
        columns = [INVOICES.c[name] for name in _FOLLOW]
        found = self._ask(select(INVOICES.c.id, *columns).where(INVOICES.c.id.in_(invoices)))
        return {invoice: Follow(*parts) for invoice, *parts in found}

    def write(self, actions: Sequence[Kept]) -> None:
        for kept in actions:
            self._ask(delete(TAKEN).where(TAKEN.c.action_id == kept.id))
            there = self._ask(select(ACTIONS.c.id).where(ACTIONS.c.id == kept.id)).one_or_none()
            values = _columns(kept, action_from_json(kept.body))
            change: Any = insert(ACTIONS) if there is None else update(ACTIONS).where(ACTIONS.c.id == kept.id)
            self._ask(change.values(values))

    def take(self, rows: Sequence[Taken]) -> None:
        for row in rows:
            self._ask(insert(TAKEN).values({_TAKEN.get(name, name): value for name, value in row._asdict().items()}))

    def set_follow(self, follow: Mapping[int, Follow]) -> None:
        for invoice, values in follow.items():
            changed = {_AS.get(name, name): value for name, value in values._asdict().items()}
            self._ask(update(INVOICES).where(INVOICES.c.id == invoice).values(changed))

    def action(self, action: str) -> Kept | None:
        row = self._ask(select(ACTIONS).where(ACTIONS.c.id == action)).mappings().one_or_none()
        return None if row is None else _kept(row)

    def settle(self, action: str, state: str, reason: str | None, settled: date | None) -> None:
        self._ask(update(ACTIONS).where(ACTIONS.c.id == action).values(state=state, reason=reason, settled_on=settled))

    def taken_by(self, action: str) -> list[Taken]:
        return self._taken(TAKEN.c.action_id == action)

    def give_back(self, action: str) -> None:
        self._ask(update(TAKEN).where(TAKEN.c.action_id == action).values(live=False))

    def planned(self, creditor: int, day: date) -> Iterable[Kept]:
        table = ACTIONS.c
        where = (table.creditor_id == creditor, table.state == "planned", table.day <= day)
        return [_kept(row) for row in self._ask(select(ACTIONS).where(*where).order_by(table.day, table.debtor_id, table.id)).mappings()]

    def _taken(self, *where: Any) -> list[Taken]:
        columns = [TAKEN.c[_TAKEN.get(name, name)] for name in Taken._fields]
        return [Taken(*row) for row in self._ask(select(*columns).where(TAKEN.c.live.is_(True), *where))]

    def _invoices(self, creditor: int, debtors: Some, *columns: Any) -> Any:
        is_open = or_(INVOICES.c.open != 0, INVOICES.c.charges != 0)
        query = select(INVOICES.c.debtor_id, *columns).where(INVOICES.c.creditor_id == creditor, is_open)
        return _only(query, INVOICES.c.debtor_id, debtors).order_by(INVOICES.c.debtor_id)

    def _beside(self, table: Any, creditor: int, debtors: Some) -> Any:
        query = select(table).join(DEBTORS, DEBTORS.c.id == table.c.debtor_id).where(DEBTORS.c.creditor_id == creditor)
        return _only(query, table.c.debtor_id, debtors).order_by(table.c.debtor_id, table.c.id)

    def _ask(self, query: Any) -> Any:
        self.queries += 1
        return self.connection.execute(query)


_TAKEN = {"invoice": "invoice_id", "action": "action_id"}


def _only(query: Any, column: Any, debtors: Some) -> Any:
    return query if debtors is None else query.where(column.in_(debtors))


def _not_yet(day: date | None, asked: date) -> bool:
    return day is None or day > asked


def _kept(row: Mapping[Any, Any]) -> Kept:
    as_named = {"run": "run_id", "creditor": "creditor_id", "debtor": "debtor_id", "offset": "step_offset", "settled": "settled_on"}
    values = {name: row[as_named.get(name, name)] for name in Kept._fields}
    return Kept(**{**values, "body": json.dumps(row["body"])})


def _columns(kept: Kept, action: Action) -> dict[str, Any]:
    same = {
        name: getattr(kept, name) for name in ("id", "day", "kind", "flow", "flow_version", "step", "final", "notice", "state", "reason")
    }
    parts = {name: getattr(action, name) for name in ("currency", "amount", "policy", "rates", "not_before", "not_after")}
    named = {"run_id": kept.run, "creditor_id": kept.creditor, "debtor_id": kept.debtor, "step_offset": kept.offset}
    return {**same, **parts, **named, "body": json.loads(kept.body), "settled_on": kept.settled, "counted_on": None}
