"""Hears answers that came: finds what each is about, keeps the tie, publishes the event, lets others follow.

An Invoice Response is believed only from the one that the invoice went to; an MLS only from the access point that took the message, or
the provider of its seat. What answers nothing of ours is kept and says so, for a person to see; it never changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, update

from einvoice.errors import PeppolError, Unreadable
from einvoice.events import Clarification as Said
from einvoice.events import InvoiceResponse, Status
from einvoice.outbox import NEXT, Outcome, Owner, State, publish, report
from einvoice.report import Severity, Verdict
from einvoice_peppol.answers import checking, creating, reading
from einvoice_peppol.answers.answer import ACTIONS, Answer, Kind
from einvoice_peppol.inbox import Incoming
from einvoice_peppol.sending import effect_of
from einvoice_peppol.tables import INBOX, OUTGOING

_WORDS = 2_000
"""Characters of what another access point says that are kept as a reason."""
_OUT = ("prepared", *(state.value for state in State if state is not State.CANCELLED))
"""What may have reached its receiver: an answer may come before the receipt."""


class Heard(NamedTuple):
    """What an answer came to: itself, the row of what it is about (None: nothing of ours), the event of an Invoice Response."""

    answer: Answer
    about: Row[Any] | None = None
    event: InvoiceResponse | None = None


Follower = Callable[[Connection, InvoiceResponse], None]
"""Somebody who acts on an Invoice Response, in the transaction that hears it."""


class AnswerHandler:
    """Handles the answers of the inbox.

    `owners` are told what becomes of the effects that an MLS is about; `followers` act on Invoice Responses.
    """

    kinds = frozenset(kind.value for kind in Kind)

    def __init__(self, owners: Mapping[str, Owner], followers: Sequence[Follower] = ()) -> None:
        self._owners = owners
        self._followers = tuple(followers)

    def handle(self, connection: Connection, incoming: Incoming) -> Heard:
        """Hears one answer.

        Raises Unreadable (with its findings) where it breaks the rules of its transaction, UnknownFormat, UnsafeXML or MalformedXML
        where it is no answer, PeppolError where what it states of its sender is not what its envelope states.
        """
        data = incoming.document(reading.MOST)
        answer = _read(data)
        _stated(answer, incoming)
        about = _about(connection, answer, incoming)
        connection.execute(update(INBOX).where(INBOX.c.id == incoming.id).values(about=None if about is None else about.id))
        if about is None:
            reason = f"it answers {answer.reference[:200]}, which did not go out from here to its sender"
            connection.execute(update(INBOX).where(INBOX.c.id == incoming.id).values(reason=reason))
            return Heard(answer)
        if answer.kind is not Kind.INVOICE_RESPONSE:
            self._status(connection, answer, about, data, incoming.received_at)
            return Heard(answer, about)
        event = response(answer, about, incoming)
        publish(connection, event)
        for follower in self._followers:
            follower(connection, event)
        return Heard(answer, about, event)

    def _status(self, connection: Connection, answer: Answer, about: Row[Any], data: bytes, now: datetime) -> None:
        """Tells the outbox: accepted is delivered, rejected came back. A later word against an earlier one is left to a person.

        While an attempt is under way its receipt must not be lost: the word is heard again later. Raises PeppolError then.
        """
        effect = effect_of(connection, about.id)
        if effect is None:
            return
        if effect.state in (State.SENDING, State.PLANNED):
            raise PeppolError(f"message {about.id} is being sent at this moment; its status is heard once that is settled")
        words = "; ".join([answer.description or "", *(f"{issue.code} {issue.location}: {issue.text}" for issue in answer.issues[:20])])
        state = State.BOUNCED if answer.code == "RE" else State.DELIVERED
        proof = sha256(data).hexdigest()
        if state in NEXT[State(effect.state)]:
            outcome = Outcome(state, proof=proof, reason=words.strip("; ")[:_WORDS] or None)
            report(connection, effect.id, outcome, now, self._owners)


def response(answer: Answer, about: Row[Any], incoming: Incoming) -> InvoiceResponse:
    """The event that an Invoice Response is."""
    reasons = tuple(Said(code=said.code, text=_words(said)) for said in answer.clarifications if said.code and said.list != ACTIONS)
    actions = tuple(Said(code=said.code, text=_words(said)) for said in answer.clarifications if said.code and said.list == ACTIONS)
    status = Status(answer.code)
    if not reasons and status in (Status.CONDITIONALLY_ACCEPTED, Status.UNDER_QUERY, Status.REJECTED):
        reasons = (Said(code="NON", text="no reason is given, only what is wanted"),)
    return InvoiceResponse(
        time=incoming.received_at,
        invoice=about.subject.removeprefix("invoice:"),
        number=about.number or answer.reference,
        message=incoming.message_id,
        status=status,
        reasons=reasons,
        actions=actions,
        effective=answer.effective,
    )


def _read(data: bytes) -> Answer:
    report_ = checking.check(data)
    if report_.verdict is Verdict.INVALID:
        fatal = [finding for finding in report_.findings if finding.severity is Severity.FATAL]
        raise Unreadable(f"the answer breaks {fatal[0].rule}: {fatal[0].text}", fatal, mend="ask its sender for a correct one")
    return reading.read(data)


def _stated(answer: Answer, incoming: Incoming) -> None:
    """An answer speaks for who sent it: the parties within are those of the envelope."""
    for side, within, outside in (("sender", answer.sender, incoming.sender), ("receiver", answer.receiver, incoming.receiver)):
        if within != outside:
            raise PeppolError(f"the answer names {within.id} as its {side}, its envelope {outside.id}; ask its sender for a correct one")


def _about(connection: Connection, answer: Answer, incoming: Incoming) -> Row[Any] | None:
    """What went out that an answer is about; None where there is none, or where another one answers."""
    if answer.kind is Kind.MLS:
        return _message(connection, answer, incoming)
    there = (OUTGOING.c.sender == incoming.receiver.id, OUTGOING.c.receiver == incoming.sender.id, OUTGOING.c.state.in_(_OUT))
    if answer.kind is Kind.MLR:
        which: tuple[Any, ...] = (OUTGOING.c.instance_id == answer.reference,)
    else:
        which = (OUTGOING.c.number == answer.reference, OUTGOING.c.kind == "invoice")
    return connection.execute(select(OUTGOING).where(*there, *which).order_by(OUTGOING.c.id.desc()).limit(1)).one_or_none()


def _message(connection: Connection, answer: Answer, incoming: Incoming) -> Row[Any] | None:
    """The message that an MLS is about: its access point is the one that took it, and speaks for its own provider."""
    found = connection.execute(select(OUTGOING).where(OUTGOING.c.instance_id == answer.reference)).first()
    if found is None or found.access_point is None:
        return None
    is_own = answer.sender.value.partition("-")[0] == creating.provider(found.access_point).value
    return found if is_own and found.access_point == incoming.access_point else None


def _words(said: Any) -> str | None:
    """A clarification's words, with the terms that it is about."""
    parts = [said.text or "", *(f"{condition.term}: {condition.value or ''}".strip(": ") for condition in said.conditions)]
    return "; ".join(part for part in parts if part)[:_WORDS] or None
