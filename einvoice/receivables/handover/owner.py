"""Who permits hand-overs in the transaction that sends them, and follows up what becomes of them.

Whatever was decided when the hand-over was planned is read again: pauses, insolvency, what is open; that enough contacts were delivered,
counted anew from the messages; that no natural person is handed over on a score alone; that the bytes are those that were made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from einvoice.outbox import Effect, Outcome, Permission, State
from einvoice.receivables import guard, papers, policy, store
from einvoice.receivables.aftermath import book_charges
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.holds import hold
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.guard import Sent
from einvoice.receivables.handover import stages
from einvoice.receivables.handover.handing import OWNER
from einvoice.receivables.handover.words import say
from einvoice.receivables.planning.morning import variables
from einvoice.receivables.policy import Policy
from einvoice.receivables.snapshot import Kind, Reason
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, CREDITORS, INVOICES, MESSAGES, POLICIES, TAKEN, TASKS

RECALL = "recall"
"""The keys of messages that take a hand-over back begin with it."""
TOO_FEW = "min-contacts"


class HandoverOwner:
    """The owner of dossiers on their way, and of messages that call one back."""

    def may_send(self, connection: Connection, effect: Effect, now: datetime) -> Permission:
        """Withdraws what no longer holds."""
        if effect.key.startswith(f"{RECALL}:"):
            return Permission(cancel=None if _is_settled(connection, effect) else "balance: it is open again")
        return Permission(cancel=reason_to_refuse(connection, effect, now))

    def happened(self, connection: Connection, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:  # noqa: ARG002 - the outbox's signature
        """The invoices are handed over once the copy was sent; what did not arrive goes back, and a person hears of it."""
        found = guard.of_action(connection, effect.subject.partition(":")[2], now)
        if found is None:
            return
        if effect.key.startswith(f"{RECALL}:"):
            if outcome.state in _LOST or outcome.state is State.UNKNOWN:
                _ask(connection, found, effect, "unknown", say(_language(connection, found), "unsure", **_about(found, effect, outcome)))
            return
        _followed(connection, found, effect, outcome, At(found.day, now, OWNER))


_LOST = frozenset({State.FAILED, State.DEAD, State.BOUNCED})


def _followed(connection: Connection, found: Sent, effect: Effect, outcome: Outcome, at: At) -> None:
    key = found.row.action_id
    reason = outcome.reason or outcome.state.value
    if outcome.state in (State.SENT, State.DELIVERED):
        book_charges(connection, key, action_from_json(found.row.body), at.day, at.now)
        stages.handed_over(connection, key, at, str(effect.headers.get("agency") or "") or None)
        store.complete(connection, key, at.day)
    elif outcome.state is State.UNKNOWN:
        _ask(connection, found, effect, "unknown", say(_language(connection, found), "unsure", **_about(found, effect, outcome)))
    elif outcome.state is State.CANCELLED:
        store.cancel(connection, key, reason, at.day)
        if reason.startswith(TOO_FEW):  # the planner counts otherwise, and would plan it anew each day: a person looks first
            hold(connection, found.row.debtor_id, Reason.MANUAL, at.day, case=_ask(connection, found, effect, "decide", reason))
    elif outcome.state in _LOST:  # its invoices stay where the flow ended, and a person hands over
        stages.came_back(connection, key, at, reason)
        store.complete(connection, key, at.day)
        _ask(connection, found, effect, "hand_over", say(_language(connection, found), "came_back", **_about(found, effect, outcome)))


def reason_to_refuse(connection: Connection, effect: Effect, now: datetime) -> str | None:
    """Why a dossier must not leave now, as a code and words; None where everything still holds. Locks the debtor."""
    found = guard.of_action(connection, effect.subject.partition(":")[2], now)
    if found is None:
        return "action-withdrawn: there is no such action"
    return guard.held_back(connection, found) or _changed(connection, found, effect) or _unripe(connection, found)


def _changed(connection: Connection, found: Sent, effect: Effect) -> str | None:
    kept = papers.one(connection, found.row.creditor_id, papers.DOSSIER, str(effect.headers.get("dossier")))
    if kept is None or papers.sha256(effect.payload) != effect.headers.get("sha256"):
        return "document-changed: the bytes are not those that were made and kept"
    return None


def _unripe(connection: Connection, found: Sent) -> str | None:
    """Too few delivered contacts, or a natural person on a score alone; a policy that is not kept permits nothing."""
    rules = _policy(connection, found.row.policy)
    if rules is None:
        return "policy: the one that decided this is not kept"
    segment = action_from_json(found.row.body).why.segment
    if found.row.kind == Kind.CONSUMER and segment in _scored(rules):
        return f"score-alone: segment {segment} looks at a score; a person decides (GDPR art. 22)"
    least = rules.limits.min_contacts_before_collection
    counts = contacts(connection, found.row.action_id)
    short = sorted(number for number, count in counts.items() if count < least)
    return f"{TOO_FEW}: fewer than {least} delivered contacts on {', '.join(short)}" if short else None


def contacts(connection: Connection, action: str) -> Mapping[str, int]:
    """How many contact moments were delivered of each invoice of an action, by number: counted, and not come back since."""
    mine = select(TAKEN.c.invoice_id).where(TAKEN.c.action_id == action, TAKEN.c.live.is_(True))
    arrived = select(MESSAGES.c.id).where(
        MESSAGES.c.action_id == ACTIONS.c.id, MESSAGES.c.delivered_on.is_not(None), MESSAGES.c.bounced_on.is_(None)
    )
    answered = select(TASKS.c.id).where(TASKS.c.action_id == ACTIONS.c.id, TASKS.c.kind == "call", TASKS.c.result == "answered")
    counted = and_(ACTIONS.c.counted_on.is_not(None), ACTIONS.c.kind != "handover", or_(arrived.exists(), answered.exists()))
    query = (
        select(INVOICES.c.number, func.count(func.distinct(ACTIONS.c.id)))
        .join_from(INVOICES, TAKEN, and_(TAKEN.c.invoice_id == INVOICES.c.id, TAKEN.c.live.is_(True)))
        .outerjoin(ACTIONS, and_(ACTIONS.c.id == TAKEN.c.action_id, counted))
        .where(INVOICES.c.id.in_(mine))
        .group_by(INVOICES.c.number)
    )
    return {number: int(count) for number, count in connection.execute(query)}


def _policy(connection: Connection, digest: str) -> Policy | None:
    text = connection.scalar(select(POLICIES.c.text).where(POLICIES.c.hash == digest))
    return None if text is None else _loaded(text)


@lru_cache(maxsize=8)
def _loaded(text: str) -> Policy:
    return policy.load(text)


def _scored(rules: Policy) -> frozenset[str]:
    """The segments that look at a score."""
    return frozenset(segment.id for segment in rules.segments if "party.score" in variables(segment.when))


def _is_settled(connection: Connection, effect: Effect) -> bool:
    invoice = int(effect.key.rpartition(":")[2])
    row = connection.execute(select(INVOICES.c.open, INVOICES.c.charges).where(INVOICES.c.id == invoice)).one_or_none()
    return row is not None and row.open <= 0 and row.charges <= 0


def _language(connection: Connection, found: Sent) -> str:
    return spoken(connection.scalar(select(CREDITORS.c.language).where(CREDITORS.c.id == found.row.creditor_id)))


def _about(found: Sent, effect: Effect, outcome: Outcome) -> dict[str, str]:
    reason = outcome.reason or outcome.state.value
    return {"debtor": found.row.debtor, "agency": str(effect.headers.get("agency") or effect.address), "reason": reason}


def _ask(connection: Connection, found: Sent, effect: Effect, kind: str, text: str) -> int:
    """A task for a person, once for each effect and kind of news; its id."""
    row: Row[Any] = found.row
    invoices = tuple(
        connection.scalars(select(TAKEN.c.invoice_id).where(TAKEN.c.action_id == row.action_id).distinct().order_by(TAKEN.c.invoice_id))
    )
    action = row.action_id if kind in ("unknown", "hand_over") else None
    task = Task(f"{effect.key}:{kind}"[:120], kind, row.creditor_id, row.debtor_id, invoices, found.day, text, action=action)
    return ask(connection, task, found.day)
