"""What follows when a message was sent, came back, failed, or nobody can say: told in the transaction that records it."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from einvoice import events
from einvoice.outbox import Effect, Outcome, State, publish
from einvoice.outbox.rows import effect_of
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import ledger, store
from einvoice.receivables.actions import Action
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.holds import hold
from einvoice.receivables.cases.tasks import ask, finish
from einvoice.receivables.channels.email import recipients
from einvoice.receivables.documents import facts as reading
from einvoice.receivables.documents.messages import said, task_of
from einvoice.receivables.law.notices import Receipt
from einvoice.receivables.ledger.parties import consent
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, CONTACTS, CREDITORS, DEBTORS, INVOICES, MESSAGES, TAKEN, TASKS

_log = logging.getLogger(__name__)
_GONE_OUT = frozenset({State.SENT, State.DELIVERED})
_WAITING = frozenset({"planned", "sending"})
_ADDRESS = ("recipient", "the address")
_OURS, _NO_CONSENT = "sender: ", "consent: "
"""How reasons begin that lie with us, and that say that the debtor ended the channel."""
_ASKING = ("call", "send", "decide", "hand_over", "repair_address")
_OF_CHANNEL = frozenset({"consent", "contact", "document-changed", "recipient", "text", "sender"})
"""Reasons that say nothing against the action's other ways: a call beside a message still stands."""
_PASSES = re.compile(r"4\.\d{1,3}\.\d{1,3}\b|5\.2\.2\b")
_BAD = {"email": "email_bounced_on", "letter": "address_failed_on", "registered_letter": "address_failed_on"}


_MESSAGE = (
    select(MESSAGES, ACTIONS.c.body, ACTIONS.c.policy, ACTIONS.c.rates, DEBTORS.c.country, CREDITORS.c.time_zone)
    .join_from(MESSAGES, ACTIONS, ACTIONS.c.id == MESSAGES.c.action_id)
    .join(DEBTORS, DEBTORS.c.id == ACTIONS.c.debtor_id)
    .join(CREDITORS, CREDITORS.c.id == ACTIONS.c.creditor_id)
    .where(MESSAGES.c.action_id == bindparam("action"), MESSAGES.c.outbox_id == bindparam("effect"))
)
_NOTICES = (
    select(MESSAGES.c.channel, MESSAGES.c.sent_on, ACTIONS.c.body, DEBTORS.c.country)
    .join_from(MESSAGES, ACTIONS, ACTIONS.c.id == MESSAGES.c.action_id)
    .join(DEBTORS, DEBTORS.c.id == ACTIONS.c.debtor_id)
    .where(ACTIONS.c.debtor_id == bindparam("debtor"), ACTIONS.c.notice == bindparam("notice"))
    .where(MESSAGES.c.state.in_(("sent", "delivered")), MESSAGES.c.sent_on.is_not(None))
    .order_by(MESSAGES.c.sent_on, MESSAGES.c.id)
)
_STATES = select(MESSAGES.c.state).where(MESSAGES.c.action_id == bindparam("action"))


class Receipts(Protocol):
    """As much of the law as is needed here."""

    def receipt(self, country: str, channel: str, sent: date) -> Receipt | None:
        """When a message is presumed received."""


class Happened(NamedTuple):
    """A message of an action, what became of it, and when: `day` is today where the creditor is."""

    connection: Connection
    message: Row[Any]
    action: Action
    outcome: Outcome
    now: datetime
    day: date
    address: str


def follow(connection: Connection, effect: Effect, outcome: Outcome, now: datetime, law: Receipts) -> None:
    """Writes what became of a message and what follows from it; the same news again changes nothing."""
    found = _found(connection, effect, outcome, now)
    if found is None or found.message.state == outcome.state.value:
        return
    _mark(found)
    if found.message.state == State.UNKNOWN.value:
        finish(connection, [_task_key(found, "unknown")], outcome.state.value, At(found.day, now, "clock"))
    if outcome.state in _GONE_OUT:
        _went_out(found, law)
    elif outcome.state is State.BOUNCED:
        _came_back(found, law)
    elif outcome.state in (State.FAILED, State.DEAD):
        _failed(found)
    elif outcome.state is State.UNKNOWN:
        _unknown(found)
    if outcome.state in (State.BOUNCED, State.UNKNOWN):
        heard(connection, [claimed.invoice for claimed in found.action.invoices], found.day)
    _conclude(found)


def heard(connection: Connection, invoices: Collection[int], day: date) -> None:
    """Notes that the last message about invoices came back, was lost sight of, or was answered: it was not ignored."""
    connection.execute(update(INVOICES).where(INVOICES.c.id.in_(invoices)).values(heard_on=day))


def _found(connection: Connection, effect: Effect, outcome: Outcome, now: datetime) -> Happened | None:
    row = connection.execute(_MESSAGE, {"action": effect.subject.partition(":")[2], "effect": effect.id}).one_or_none()
    if row is None:
        return None
    day = now.astimezone(ZoneInfo(row.time_zone)).date()
    return Happened(connection, row, action_from_json(row.body), outcome, now, day, effect.address)


def _mark(found: Happened) -> None:
    """The message's own row."""
    values: dict[str, Any] = {"state": found.outcome.state.value}
    if found.outcome.state in _GONE_OUT and found.message.sent_on is None:
        values["sent_on"] = found.day
    if found.outcome.state is State.DELIVERED:
        values["delivered_on"] = found.day
    if found.outcome.state is State.BOUNCED:
        values["bounced_on"] = found.day
    found.connection.execute(update(MESSAGES).where(MESSAGES.c.id == found.message.id).values(values))


def _went_out(found: Happened, law: Receipts) -> None:
    """Charges that it states are booked, once; a notice that it gives is noted with the day it is presumed received."""
    book_charges(found.connection, found.message.action_id, found.action, found.day, found.now)
    if found.action.notice:
        receipt = law.receipt(found.message.country, found.message.channel, found.day)
        if receipt is not None:
            _give_notice(found, found.action.notice, receipt)
    if found.outcome.state is State.DELIVERED:
        _tell(found, events.MessageDelivered, proof=found.outcome.proof)


def book_charges(connection: Connection, key: str, action: Action, day: date, now: datetime) -> None:
    """Books what an action claims besides the principal; a second time changes nothing."""
    for charge in action.charges:
        name = f"charge:{key}:{charge.invoice}:{charge.kind}"
        ledger.post_charge(connection, charge, ledger.Booking(day, "run", now, key=name))


def _give_notice(found: Happened, notice: str, receipt: Receipt) -> None:
    """The first notice counts: a later one does not move the day. What it states of costs is the most that may follow."""
    stated: dict[int, Decimal] = defaultdict(Decimal)
    for charge in found.action.announces:
        stated[charge.invoice] += charge.amount + charge.vat
    for claimed in found.action.invoices:
        values = {"notice": notice, "notice_on": receipt.on, "notice_basis": receipt.basis, "costs_stated": stated.get(claimed.invoice)}
        fresh = (INVOICES.c.id == claimed.invoice, INVOICES.c.notice.is_distinct_from(notice))
        found.connection.execute(update(INVOICES).where(*fresh).values(values))


def _came_back(found: Happened, law: Receipts) -> None:
    """The address is wrong, unless the reason is one that passes or lies with us; a notice that it gave was not given."""
    reason = found.outcome.reason or "came back"
    is_ours = reason.startswith(_OURS)
    is_permanent = not is_ours and not passes(reason)
    if is_ours:
        _ask(found, "failed", reason=reason)
    if is_permanent:
        _flag_contact(found)
        _ask(found, "repair_address")
    if found.action.notice:
        _take_notice_back(found, found.action.notice, law)
    _tell(found, events.MessageBounced, reason=reason, permanent=is_permanent)


def passes(reason: str | None) -> bool:
    """Whether a message came back for a reason that passes: RFC 3463's class 4 (given up after many attempts), a mailbox that is full."""
    return _PASSES.match(reason or "") is not None


def _take_notice_back(found: Happened, notice: str, law: Receipts) -> None:
    """A notice that came back was not received: the next that went out is the first; where there is none, none was given."""
    mine = [claimed.invoice for claimed in found.action.invoices]
    lost = update(INVOICES).where(INVOICES.c.id.in_(mine), INVOICES.c.notice == notice)
    found.connection.execute(lost.values(notice=None, notice_on=None, notice_basis=None, costs_stated=None))
    others: Sequence[Any] = found.connection.execute(_NOTICES, {"debtor": found.message.debtor_id, "notice": notice}).all()
    for row in others:
        receipt = law.receipt(row.country, row.channel, row.sent_on)
        if receipt is not None:
            _give_notice(found._replace(message=row, action=action_from_json(row.body)), notice, receipt)


def _failed(found: Happened) -> None:
    """Refused for good: where the address is to blame the next plan takes another channel, else it waits for a person."""
    reason = found.outcome.reason or "refused"
    if reason.startswith(_NO_CONSENT):
        _opted_out(found, reason)
        return
    task = _ask(found, "failed", reason=reason)
    if found.outcome.state is State.FAILED and reason.startswith(_ADDRESS):
        _flag_contact(found)
    else:
        hold(found.connection, found.action.debtor, Reason.MANUAL, found.day, case=task)
    _tell(found, events.MessageBounced, reason=found.outcome.reason or "refused", permanent=found.outcome.state is State.FAILED)


def _opted_out(found: Happened, reason: str) -> None:
    """The provider knows that the debtor ended the channel: so do we now, and the next plan takes another."""
    consent(found.connection, found.action.debtor, found.message.channel, False, found.now, f"told by the provider: {reason}"[:200])
    _tell(found, events.MessageBounced, reason=reason, permanent=False)


def _unknown(found: Happened) -> None:
    _ask(found, "unknown", reason=found.outcome.reason or "the worker ended while it was sent", channel=found.message.channel)
    _tell(found, events.MessageUnknown, reason=found.outcome.reason or "the worker ended while it was sent")


def _flag_contact(found: Happened) -> None:
    """Marks the address as wrong, unless the contact has another by now: that one is yet to be tried."""
    loaded = reading.load(found.connection, found.action.creditor, [found.action])
    contact = loaded.contacts.get(found.message.contact_id)
    channel = found.message.channel
    if contact is None or reading.address(loaded, contact, channel) != (
        recipients(found.address)[0] if channel == "email" else found.address
    ):
        return
    column = _BAD.get(found.message.channel, "phone_failed_on")
    changed = update(CONTACTS).where(CONTACTS.c.id == found.message.contact_id).values({column: found.day})
    found.connection.execute(changed)


def _ask(found: Happened, kind: str, **more: str) -> int:
    """A task for a person, once a message."""
    loaded = reading.load(found.connection, found.action.creditor, [found.action])
    contact = loaded.contacts.get(found.message.contact_id)
    text = said(loaded, found.action, kind, contact, **more)
    name = f"{found.message.action_id}:{found.message.id}"
    return ask(found.connection, task_of(found.action, name, "triage" if kind == "failed" else kind, text), found.day)


def _task_key(found: Happened, kind: str) -> str:
    return f"action:{found.message.action_id}:{found.message.id}:{kind}"


def _tell(found: Happened, kind: Any, **more: Any) -> None:
    message, action = found.message, found.action
    what: Mapping[str, Any] = {
        "time": found.now,
        "message": str(message.id),
        "debtor": str(message.debtor_id),
        "invoices": tuple(str(claimed.invoice) for claimed in action.invoices),
        "channel": events.Channel(message.channel),
        "step": action.step,
        "provider": found.outcome.provider,
        "policy": message.policy,
        "template": message.template,
        "rates": message.rates,
        "document": message.document,
    }
    publish(found.connection, kind(**what, **more))


def _conclude(found: Happened) -> None:
    """Once every message of an action is decided, so is the action: done where one may have arrived, else it never was."""
    states = set(found.connection.scalars(_STATES, {"action": found.message.action_id}))
    if states & _WAITING:
        return
    key = found.message.action_id
    reason = found.outcome.reason or found.outcome.state.value
    alone = reason.partition(":")[0] in _OF_CHANNEL and (found.action.task or any(one.channel == "call" for one in found.action.messages))
    if alone or states & {"sent", "delivered", "unknown", "bounced"}:
        store.complete(found.connection, key, found.day)
    elif "failed" in states or "dead" in states:
        store.fail(found.connection, key, reason, found.day)
    else:
        store.cancel(found.connection, key, reason, found.day)
        withdraw_tasks(found.connection, key, found.day)


def reconcile(connection: Connection, creditor: int, now: datetime, law: Receipts) -> Mapping[str, int]:
    """Follows up messages whose outcome the outbox recorded and we did not, because following it up failed or was not asked for."""
    settled = [state.value for state in State if state.value not in _WAITING]
    missed = (
        select(OUTBOX)
        .join(MESSAGES, MESSAGES.c.outbox_id == OUTBOX.c.id)
        .join(ACTIONS, ACTIONS.c.id == MESSAGES.c.action_id)
        .where(ACTIONS.c.creditor_id == creditor, OUTBOX.c.state.in_(settled), MESSAGES.c.state != OUTBOX.c.state)
        .order_by(OUTBOX.c.id)
    )
    done = 0
    for row in connection.execute(missed).all():
        outcome = Outcome(State(row.state), row.provider, row.proof, row.reason)
        try:
            with connection.begin_nested():
                follow(connection, effect_of(row), outcome, now, law)
                done += 1
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            _log.exception("what became of effect %s could not be followed up; the next run tries again", row.key)
    return {"messages.reconciled": done}


def settle_tasks(connection: Connection, creditor: int, day: date) -> Mapping[str, int]:
    """Tasks to ask for money that is no longer owed are done: nobody calls about what is paid."""
    owed = (
        select(TAKEN.c.action_id)
        .join(INVOICES, INVOICES.c.id == TAKEN.c.invoice_id)
        .where(TAKEN.c.action_id == TASKS.c.action_id, or_(INVOICES.c.open > 0, INVOICES.c.charges > 0))
    )
    idle = (TASKS.c.creditor_id == creditor, TASKS.c.done_on.is_(None), TASKS.c.kind.in_(_ASKING), TASKS.c.action_id.is_not(None))
    done = update(TASKS).where(*idle, ~owed.exists()).values(done_on=day, result="paid")
    return {"tasks.paid": connection.execute(done).rowcount}


def withdraw_tasks(connection: Connection, key: str, day: date) -> None:
    """The tasks of an action that is withdrawn have nothing left to do."""
    idle = (TASKS.c.action_id == key, TASKS.c.done_on.is_(None), TASKS.c.kind.in_(_ASKING))
    connection.execute(update(TASKS).where(*idle).values(done_on=day, result="withdrawn"))


def expire(connection: Connection, creditor: int, now: datetime) -> Mapping[str, int]:
    """Actions whose hours passed before they became messages, because a run ended too early: withdrawn, to be decided anew."""
    late = (ACTIONS.c.creditor_id == creditor, ACTIONS.c.state == "planned", ACTIONS.c.not_after < now)
    found = list(connection.scalars(select(ACTIONS.c.id).where(*late).order_by(ACTIONS.c.id)))
    for key in found:
        store.cancel(connection, key, "its time passed before it became a message")
    return {"actions.expired": len(found)}
