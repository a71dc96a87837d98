"""The queries behind snapshots: one a table, whatever the number of debtors, each in the order of the debtors' ids.

Every row begins with its debtor's id. `Asked.later` says that something happened after the day: then balances come from the entries
up to it, and what was done since is read beside (`changes`, `charged`), to be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from einvoice.receivables.store.tables import (
    ACTIONS,
    CHARGES,
    CONSENTS,
    CONTACTS,
    DEBTORS,
    DISPUTES,
    ENTRIES,
    HOLDS,
    INVOICES,
    TAKEN,
    TRANSACTIONS,
)


class JSONArray(FunctionElement[str]):
    """The text of a JSON array of values: a function of another name in each database."""

    type = Text()
    inherit_cache = True


@compiles(JSONArray, "sqlite")
def _sqlite_array(element: JSONArray, compiler: Any, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"


@compiles(JSONArray, "postgresql")
def _postgresql_array(element: JSONArray, compiler: Any, **options: Any) -> str:
    return f"json_build_array({compiler.process(element.clauses, **options)})::text"


STEPS_WITHIN = timedelta(days=30)
REMINDERS_WITHIN = timedelta(days=365)
_ZERO: ColumnElement[int] = literal_column("0")
_ONE: ColumnElement[int] = literal_column("1")
# literals, not parameters: the conditions of the partial indexes, word for word
FOLLOW_UP: Mapping[str, str | int | bool | None] = {
    "charges": 0, "stage": "open", "flow": None, "step": None, "step_offset": None, "step_on": None, "contacts": 0, "notice": None,
    "notice_on": None, "started": False, "trail": "", "interest_booked": 0, "costs_booked": 0, "costs_stated": None,
    "heard_on": None,
}  # fmt: skip
"""What was done about an invoice, by column, and what the column holds while nothing was."""

_IS_OPEN = or_(INVOICES.c.open != _ZERO, INVOICES.c.charges != _ZERO)
_WITHDRAWN = ACTIONS.c.state.in_([literal_column("'cancelled'"), literal_column("'failed'")])
_WAITS = ACTIONS.c.state.in_([literal_column("'planned'"), literal_column("'queued'")])


class Asked(NamedTuple):
    """Whose snapshots, as of which day; `debtors` picks some of them, and `due_by` those with an invoice in follow-up that is due by then.

    `later` says that something happened after the day.
    """

    creditor: int
    day: date
    debtors: Sequence[int] | None = None
    due_by: date | None = None
    later: bool = False

    def of(self, debtor: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
        """The condition that picks debtors, of a column with their ids."""
        return () if self.debtors is None else (debtor.in_(self.debtors),)


def anything_later(connection: Connection, creditor: int, day: date) -> bool:
    """Whether something was booked, done or counted after a day."""
    days = (ENTRIES.c.booked, ACTIONS.c.day, ACTIONS.c.settled_on, ACTIONS.c.counted_on)
    later = (exists(select(_ONE).where(column.table.c.creditor_id == creditor, column > day)) for column in days)
    return bool(connection.scalar(select(or_(*later))))


def debtors(asked: Asked) -> Select[Any]:
    """The debtors' own columns, in the order of DebtorSnapshot."""
    table = DEBTORS.c
    columns = (
        table.id, table.key, table.name, table.kind, table.country, table.region, table.language, table.time_zone, table.size, table.sector,
        table.score, table.born, table.customer_since, table.pay_day, table.parent_id, table.hold_until, table.insolvent_on, table.posted,
        table.first_posted, table.settled, table.settled_late, table.days_late,
    )  # fmt: skip
    return select(*columns).where(table.creditor_id == asked.creditor, *asked.of(table.id), *_owing(asked)).order_by(table.id)


def contacts(asked: Asked) -> Select[Any]:
    """Contacts, and by which means each can be reached on the day: 1 e-mail, 2 phone, 4 address, 8 Peppol."""
    table = CONTACTS.c
    address = and_(table.address.is_not(None), cast(table.address, Text) != literal_column("'null'"))
    means = (
        (and_(table.email.is_not(None), _not_yet(table.email_bounced_on, asked.day)), "1"),
        (and_(table.phone.is_not(None), _not_yet(table.phone_failed_on, asked.day)), "2"),
        (and_(address, _not_yet(table.address_failed_on, asked.day)), "4"),
        (table.peppol.is_not(None), "8"),
    )
    mask: ColumnElement[int] = sum((case((has, literal_column(bit)), else_=_ZERO) for has, bit in means), start=_ZERO)
    columns = (table.id, table.role, table.name, table.first_name, table.language, mask)
    return _beside(asked, *columns, debtor=table.debtor_id).where(*_owing(asked)).order_by(DEBTORS.c.id, table.id)


def consents(asked: Asked) -> Select[Any]:
    """What was said about channels up to the day, the latest word last."""
    table = CONSENTS.c
    end = datetime.combine(asked.day + timedelta(days=1), time(), UTC)
    found = _beside(asked, table.channel, table.granted, debtor=table.debtor_id)
    return found.where(table.at < end, *_owing(asked)).order_by(DEBTORS.c.id, table.id)


def invoices(asked: Asked) -> Select[Any]:
    """Open invoices by due date and id: the columns of InvoiceSnapshot up to `open`, the contract, and one for all of FOLLOW_UP.

    That one is NULL while nothing was done, as for most invoices, and a JSON array afterwards: a fifth of all reading is saved.
    """
    table = INVOICES.c
    balance = _balances(asked).subquery("balance") if asked.later else INVOICES
    done: dict[str, ColumnElement[Any]] = {column: table[column] for column in FOLLOW_UP} | {"charges": balance.c.charges}
    if asked.later:
        done["stage"] = _stage(balance.c.open)
    columns = (
        table.id, table.number, table.kind, table.issued, table.due, table.entered, table.currency, table.amount, balance.c.open,
        cast(table.contract, Text), _packed(done),
    )  # fmt: skip
    if asked.later:
        past: Select[Any] = select(table.debtor_id, *columns).join_from(balance, INVOICES, table.id == balance.c.invoice_id)
        return past.where(*asked.of(table.debtor_id)).order_by(table.debtor_id, table.due, table.id)
    found = _beside(asked, *columns, debtor=table.debtor_id).where(_IS_OPEN, *(_owing(asked) if asked.due_by else ()))
    return found.order_by(DEBTORS.c.id, table.due, table.id)


def holds(asked: Asked) -> Select[Any]:
    """What pauses on the day."""
    table = HOLDS.c
    during = (table.since <= asked.day, or_(table.until.is_(None), table.until >= asked.day), _not_yet(table.ended_on, asked.day))
    columns = (table.reason, table.invoice_id, table.amount, table.until)
    return _beside(asked, *columns, debtor=table.debtor_id).where(*during).order_by(DEBTORS.c.id, table.id)


def unallocated(asked: Asked) -> Select[Any]:
    """Money on account by currency, positive."""
    table = ENTRIES.c
    total = cast(func.sum(table.amount, type_=BigInteger), BigInteger)
    where = (table.creditor_id == asked.creditor, table.account == literal_column("'unallocated'"), table.debtor_id.is_not(None))
    by_then = (table.booked <= asked.day,) if asked.later else ()
    found = select(table.debtor_id, table.currency, -total).where(*where, *by_then, *asked.of(table.debtor_id))
    return found.group_by(table.debtor_id, table.currency).having(total < _ZERO).order_by(table.debtor_id, table.currency)


def steps(asked: Asked) -> Select[Any]:
    """The days of the steps of the last 30 days, oldest first."""
    return _done(asked, STEPS_WITHIN, ACTIONS.c.day).order_by(DEBTORS.c.id, ACTIONS.c.day)


def reminders(asked: Asked) -> Select[Any]:
    """How many reminders after the due date there were in the last 365 days."""
    after_due = or_(ACTIONS.c.step_offset > _ZERO, ACTIONS.c.notice.is_not(None))
    found = _done(asked, REMINDERS_WITHIN, func.count()).where(ACTIONS.c.kind == "message", after_due)
    return found.group_by(DEBTORS.c.id).order_by(DEBTORS.c.id)


def pending(asked: Asked) -> Select[Any]:
    """Debtors with an action that is planned or being sent."""
    waits = or_(_WAITS, ACTIONS.c.settled_on > asked.day) if asked.later else _WAITS
    where = (ACTIONS.c.creditor_id == asked.creditor, ACTIONS.c.day <= asked.day, waits, *asked.of(ACTIONS.c.debtor_id))
    return select(ACTIONS.c.debtor_id).distinct().where(*where).order_by(ACTIONS.c.debtor_id)


def disputes(asked: Asked) -> Select[Any]:
    """How many disputes there were."""
    table = DISPUTES.c
    where = (table.creditor_id == asked.creditor, table.opened_on <= asked.day, *asked.of(table.debtor_id))
    return select(table.debtor_id, func.count()).where(*where).group_by(table.debtor_id).order_by(table.debtor_id)


def changes(asked: Asked) -> Select[Any]:
    """What happened to the follow-up of invoices after the day: actions planned, withdrawn or counted since, the latest first."""
    action, taken = ACTIONS.c, TAKEN.c
    columns = (
        taken.invoice_id, action.day, _WITHDRAWN.label("withdrawn"), action.settled_on, action.counted_on, action.kind, action.flow,
        action.step, action.step_offset, action.final, action.notice, taken.was_flow, taken.was_step, taken.was_offset, taken.was_on,
        taken.was_stage,
    )  # fmt: skip
    since = or_(action.day > asked.day, action.settled_on > asked.day, action.counted_on > asked.day)
    found = select(action.debtor_id, *columns, action.id).distinct().join_from(ACTIONS, TAKEN, taken.action_id == action.id)
    found = found.where(action.creditor_id == asked.creditor, since, *asked.of(action.debtor_id))
    return found.order_by(action.debtor_id, action.day.desc(), action.id.desc())


def charged(asked: Asked) -> Select[Any]:
    """Interest and costs that were booked after the day, and not taken back."""
    taken_back = TRANSACTIONS.alias("taken_back")
    where = (
        TRANSACTIONS.c.creditor_id == asked.creditor,
        TRANSACTIONS.c.booked > asked.day,
        ~exists().where(taken_back.c.reverses == TRANSACTIONS.c.id),
        *asked.of(INVOICES.c.debtor_id),
    )
    found = select(INVOICES.c.debtor_id, CHARGES.c.invoice_id, CHARGES.c.kind, CHARGES.c.amount + CHARGES.c.vat)
    found = found.join_from(CHARGES, TRANSACTIONS, TRANSACTIONS.c.id == CHARGES.c.transaction_id)
    return found.join(INVOICES, INVOICES.c.id == CHARGES.c.invoice_id).where(*where).order_by(INVOICES.c.debtor_id)


def _stage(was_open: ColumnElement[int]) -> ColumnElement[str]:
    """The stage of an invoice of which so much was open, before it was settled or after."""
    stage = INVOICES.c.stage
    closed = stage.in_(("settled", "written_off", "reversed"))
    return case(
        (and_(was_open != _ZERO, closed), func.coalesce(INVOICES.c.stage_before, "open")),
        (and_(was_open == _ZERO, ~closed), "settled"),
        else_=stage,
    )


def _packed(done: Mapping[str, ColumnElement[Any]]) -> ColumnElement[str | None]:
    """NULL where nothing was done, else the values as the text of a JSON array."""
    untouched = and_(*(_holds(column, FOLLOW_UP[name]) for name, column in done.items()))
    return case((untouched, null()), else_=JSONArray(*done.values()))


def _holds(column: ColumnElement[Any], value: str | int | bool | None) -> ColumnElement[bool]:
    if value is None:
        return column.is_(None)
    return ~column if value is False else column == literal_column(f"'{value}'" if isinstance(value, str) else str(value))


def _balances(asked: Asked) -> Select[Any]:
    """What of each invoice was open at the end of the day, by the entries."""
    table = ENTRIES.c
    sums = {
        name: cast(func.sum(case((table.account == account, table.amount), else_=_ZERO), type_=BigInteger), BigInteger)
        for name, account in (("open", "principal"), ("charges", "charges"))
    }
    where = (table.creditor_id == asked.creditor, table.booked <= asked.day, table.invoice_id.is_not(None), *asked.of(table.debtor_id))
    found = select(table.invoice_id, *(total.label(name) for name, total in sums.items())).where(*where)
    return found.group_by(table.invoice_id).having(or_(*(total != _ZERO for total in sums.values())))


def _beside(asked: Asked, *columns: ColumnElement[Any], debtor: ColumnElement[int]) -> Select[Any]:
    """Rows that belong to the creditor's debtors."""
    found = select(DEBTORS.c.id, *columns).select_from(DEBTORS).join(debtor.table, debtor == DEBTORS.c.id)
    return found.where(DEBTORS.c.creditor_id == asked.creditor, *asked.of(DEBTORS.c.id))


def _owing(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    """The condition that a debtor owes something, due by then, where it can be told without adding up."""
    if asked.later:
        return ()
    due = () if asked.due_by is None else (INVOICES.c.due <= asked.due_by, INVOICES.c.stage == literal_column("'open'"))
    return (exists(select(_ONE).where(INVOICES.c.debtor_id == DEBTORS.c.id, _IS_OPEN, *due).correlate(DEBTORS)),)


def _done(asked: Asked, within: timedelta, *columns: ColumnElement[Any]) -> Select[Any]:
    """Actions of the days up to the asked one that were not withdrawn by then."""
    stands = or_(~_WITHDRAWN, ACTIONS.c.settled_on > asked.day) if asked.later else ~_WITHDRAWN
    during = (ACTIONS.c.day > asked.day - within, ACTIONS.c.day <= asked.day, stands)
    return _beside(asked, *columns, debtor=ACTIONS.c.debtor_id).where(*during)


def _not_yet(day: ColumnElement[date | None], asked: date) -> ColumnElement[bool]:
    return or_(day.is_(None), day > asked)
