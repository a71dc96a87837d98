"""The last look before a message leaves, in the transaction that marks it as being sent: is everything it says still so?

Whatever was decided when the action was planned is read again: the action itself, what is open, money on account, pauses,
insolvency, consent, the address and the bytes. What no longer holds withdraws the message; the next run decides anew.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, func, or_, select, text

from einvoice.money import ZERO
from einvoice.outbox import Effect, Outcome, Permission, State
from einvoice.receivables.actions import Action
from einvoice.receivables.aftermath import Receipts, follow
from einvoice.receivables.channels.email import recipients
from einvoice.receivables.documents.facts import Loaded, address
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, CONSENTS, CONTACTS, CREDITORS, DEBTORS, ENTRIES, HOLDS, INVOICES, MESSAGES, TAKEN

_LIVE = frozenset({"planned", "queued"})


_LOCK = (
    select(DEBTORS.c.id)
    .where(DEBTORS.c.id == select(ACTIONS.c.debtor_id).where(ACTIONS.c.id == bindparam("action")).scalar_subquery())
    .with_for_update()
)
_MESSAGE = (
    select(
        MESSAGES.c.id,
        MESSAGES.c.action_id,
        MESSAGES.c.contact_id,
        MESSAGES.c.channel,
        MESSAGES.c.document,
        ACTIONS.c.state.label("action_state"),
        ACTIONS.c.currency,
        ACTIONS.c.body,
        DEBTORS.c.id.label("debtor_id"),
        DEBTORS.c.name.label("debtor"),
        DEBTORS.c.hold_until,
        DEBTORS.c.insolvent_on,
        DEBTORS.c.forgotten_on,
        CREDITORS.c.time_zone,
    )
    .join_from(MESSAGES, ACTIONS, ACTIONS.c.id == MESSAGES.c.action_id)
    .join(DEBTORS, DEBTORS.c.id == ACTIONS.c.debtor_id)
    .join(CREDITORS, CREDITORS.c.id == ACTIONS.c.creditor_id)
    .where(MESSAGES.c.action_id == bindparam("action"), MESSAGES.c.outbox_id == bindparam("effect"))
)
_ACTION = (
    select(
        ACTIONS.c.id.label("action_id"),
        ACTIONS.c.creditor_id,
        ACTIONS.c.policy,
        ACTIONS.c.state.label("action_state"),
        ACTIONS.c.currency,
        ACTIONS.c.body,
        DEBTORS.c.id.label("debtor_id"),
        DEBTORS.c.name.label("debtor"),
        DEBTORS.c.kind,
        DEBTORS.c.hold_until,
        DEBTORS.c.insolvent_on,
        DEBTORS.c.forgotten_on,
        CREDITORS.c.time_zone,
    )
    .join_from(ACTIONS, DEBTORS, DEBTORS.c.id == ACTIONS.c.debtor_id)
    .join(CREDITORS, CREDITORS.c.id == ACTIONS.c.creditor_id)
    .where(ACTIONS.c.id == bindparam("action"))
)
_TAKEN = (
    select(TAKEN.c.invoice_id, func.max(TAKEN.c.amount, type_=TAKEN.c.amount.type))
    .where(TAKEN.c.action_id == bindparam("action"), TAKEN.c.live.is_(True))
    .group_by(TAKEN.c.invoice_id)
)
_SAID = (
    select(CONSENTS.c.granted)
    .where(CONSENTS.c.debtor_id == bindparam("debtor"), CONSENTS.c.channel == bindparam("channel"))
    .order_by(CONSENTS.c.id.desc())
    .limit(1)
)
_CONTACT = select(CONTACTS).where(CONTACTS.c.id == bindparam("contact"))
_TODAY = bindparam("day", type_=HOLDS.c.since.type)
_HOLDS = select(HOLDS.c.invoice_id, HOLDS.c.reason, HOLDS.c.amount, HOLDS.c.until).where(
    HOLDS.c.debtor_id == bindparam("debtor"),
    HOLDS.c.ended_on.is_(None),
    HOLDS.c.since <= _TODAY,
    or_(HOLDS.c.until.is_(None), HOLDS.c.until >= _TODAY),
)
_OPEN = (
    select(INVOICES.c.id, INVOICES.c.open, INVOICES.c.charges, INVOICES.c.stage)
    .where(INVOICES.c.debtor_id == bindparam("debtor"), INVOICES.c.currency == bindparam("currency"))
    .where(or_(INVOICES.c.open != text("0"), INVOICES.c.charges != text("0")))  # word for word the condition of its index
    .order_by(INVOICES.c.due, INVOICES.c.id)
)
_ON_ACCOUNT = (
    select(func.coalesce(func.sum(ENTRIES.c.amount), 0, type_=ENTRIES.c.amount.type))
    .where(ENTRIES.c.debtor_id == bindparam("debtor"), ENTRIES.c.currency == bindparam("currency"))
    .where(ENTRIES.c.account == text("'unallocated'"))
)


class ReceivablesOwner:
    """Who permits the messages to debtors, and follows up what becomes of them."""

    def __init__(self, law: Receipts) -> None:
        self._law = law

    def may_send(self, connection: Connection, effect: Effect, now: datetime) -> Permission:
        """Withdraws what no longer holds."""
        return Permission(cancel=reason_to_withdraw(connection, effect, now))

    def happened(self, connection: Connection, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:  # noqa: ARG002 - the outbox's signature
        """Follows up what became of a message."""
        follow(connection, effect, outcome, now, self._law)


class RehearsalOwner:
    """Who sends rehearsals to the one address of the mode `redirect`: nothing follows from them."""

    def may_send(self, connection: Connection, effect: Effect, now: datetime) -> Permission:  # noqa: ARG002 - the outbox's signature
        """Only to another address than the debtor's: `redirect` sees to that, and no other mode takes these effects."""
        return Permission()

    def happened(self, connection: Connection, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
        """Nothing."""


class Sent(NamedTuple):
    """A message with its action, debtor and creditor, as one row; `day` is today where the creditor is."""

    row: Any
    day: date


def reason_to_withdraw(connection: Connection, effect: Effect, now: datetime) -> str | None:
    """Why a message must not leave now, as a code and words; None where everything still holds.

    Runs in the sending transaction and locks the debtor, so that payments and pauses come before or after it, never between.
    """
    found = _found(connection, effect, now)
    if found is None or found.row.action_state not in _LIVE:
        return "action-withdrawn: the action is no longer live"
    stated = _stated(connection, found.row.action_id)
    if not stated:
        return "action-withdrawn: none of its invoices is taken any more"
    return (
        _debtor(found)
        or _unchanged(effect, found)
        or _consent(connection, found)
        or _contact(connection, effect, found)
        or _held(connection, found, stated)
    )


def _found(connection: Connection, effect: Effect, now: datetime) -> Sent | None:
    action = effect.subject.partition(":")[2]
    connection.execute(_LOCK, {"action": action})
    row = connection.execute(_MESSAGE, {"action": action, "effect": effect.id}).one_or_none()
    return None if row is None else Sent(row, now.astimezone(ZoneInfo(row.time_zone)).date())


def of_action(connection: Connection, action: str, now: datetime) -> Sent | None:
    """A saved action with its debtor and creditor, by its id; the debtor is locked until the transaction ends."""
    connection.execute(_LOCK, {"action": action})
    row = connection.execute(_ACTION, {"action": action}).one_or_none()
    return None if row is None else Sent(row, now.astimezone(ZoneInfo(row.time_zone)).date())


def held_back(connection: Connection, found: Sent) -> str | None:
    """Why an action must not go on now: withdrawn, the debtor's state, a pause, or less owed than it says; None where all holds."""
    if found.row.action_state not in _LIVE:
        return "action-withdrawn: the action is no longer live"
    stated = _stated(connection, found.row.action_id)
    if not stated:
        return "action-withdrawn: none of its invoices is taken any more"
    return _debtor(found) or _held(connection, found, stated)


def _stated(connection: Connection, action: str) -> dict[int, Decimal]:
    """What the action asks of each invoice."""
    return {row[0]: row[1] for row in connection.execute(_TAKEN, {"action": action})}


def _debtor(found: Sent) -> str | None:
    row, day = found
    if row.forgotten_on is not None:
        return f"forgotten: the debtor's personal data was erased on {row.forgotten_on}"
    if row.insolvent_on is not None and row.insolvent_on <= day:
        return f"insolvency: insolvent since {row.insolvent_on}"
    if row.hold_until is not None and row.hold_until >= day:
        return f"manual: held by a person through {row.hold_until}"
    return None


def _unchanged(effect: Effect, found: Sent) -> str | None:
    if hashlib.sha256(effect.payload).hexdigest() != found.row.document:
        return "document-changed: the bytes are not those that were composed"
    return None


def _consent(connection: Connection, found: Sent) -> str | None:
    if connection.scalar(_SAID, {"debtor": found.row.debtor_id, "channel": found.row.channel}) is False:
        return f"consent: withdrawn for {found.row.channel}"
    return None


def _contact(connection: Connection, effect: Effect, found: Sent) -> str | None:
    """Whether the contact is still reached where the message goes."""
    contact = connection.execute(_CONTACT, {"contact": found.row.contact_id}).one_or_none()
    if contact is None:
        return "contact: it is no longer there"
    where = address(Loaded({}, {contact.debtor_id: _named(found.row.debtor)}, {}, {}, {}), contact, found.row.channel)
    if where is None:
        return f"contact: it is no longer reached by {found.row.channel}"
    written = recipients(effect.address)[0] if found.row.channel == "email" else effect.address
    return None if where == written else "contact: its address changed"


def _named(name: str) -> Any:
    """As much of a debtor as an address needs."""
    return SimpleNamespace(name=name)


def _held(connection: Connection, found: Sent, stated: Mapping[int, Decimal]) -> str | None:
    """Pauses, and whether what is open still covers what is stated."""
    holds = connection.execute(_HOLDS, {"debtor": found.row.debtor_id, "day": found.day}).all()
    parts: dict[int, Decimal] = defaultdict(lambda: ZERO)
    whole = set()
    for hold in holds:
        if hold.invoice_id is None or (hold.amount is None and hold.invoice_id in stated):
            return f"{hold.reason}: paused" + (f" through {hold.until}" if hold.until else "")
        if hold.amount is None:
            whole.add(hold.invoice_id)
        else:
            parts[hold.invoice_id] += hold.amount
    return _covered(connection, found, stated, parts, whole)


def _covered(
    connection: Connection, found: Sent, stated: Mapping[int, Decimal], parts: Mapping[int, Decimal], whole: set[int]
) -> str | None:
    """Whether what is open, less disputed parts and credits (set off against the oldest first), covers what is stated."""
    debtor, currency = found.row.debtor_id, found.row.currency
    rows = connection.execute(_OPEN, {"debtor": debtor, "currency": currency}).all()
    credit = _on_account(connection, debtor, currency) - sum((row.open for row in rows if row.open < 0), ZERO)
    left = {}
    for row in _followed(rows, stated, whole):
        rest = max(row.open - parts.get(row.id, ZERO), ZERO)
        taken = min(max(credit, ZERO), rest)
        credit -= taken
        left[row.id] = rest - taken
    charged = {row.id: row.charges for row in rows}
    before = _charged_before(action_from_json(found.row.body))
    short = {invoice for invoice, amount in stated.items() if left.get(invoice, ZERO) < amount}
    short |= {invoice for invoice, amount in before.items() if charged.get(invoice, ZERO) < amount}
    return f"balance: {len(short)} of {len(stated)} invoices are paid, credited or disputed meanwhile" if short else None


def _charged_before(action: Action) -> dict[int, Decimal]:
    """The interest and costs in an action that were booked before it."""
    before = {claimed.invoice: claimed.charges for claimed in action.invoices}
    for charge in action.charges:
        before[charge.invoice] -= charge.amount + charge.vat
    return before


def _followed(rows: Sequence[Any], stated: Mapping[int, Decimal], whole: set[int]) -> list[Any]:
    """The invoices that credits are set off against: those the planner follows, and the action's own."""
    return [row for row in rows if row.open > 0 and (row.id in stated or (row.stage == "open" and row.id not in whole))]


def _on_account(connection: Connection, debtor: int, currency: str) -> Decimal:
    """Money of the debtor that no invoice has got yet; the ledger books it as negative."""
    total = connection.execute(_ON_ACCOUNT, {"debtor": debtor, "currency": currency}).scalar_one()
    return max(-Decimal(total), ZERO)
