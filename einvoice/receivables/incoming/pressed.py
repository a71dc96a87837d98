"""What follows when somebody presses a key in a computer call: 1 paid, 2 call me, 3 dispute, 4 payment plan; each once a call.

| Key | What follows |
|---|---|
| 1 | the invoices pause for a week (`payment_pending`); said again, a person looks for the payment |
| 2 | a task to call back |
| 3 | a dispute of each invoice (category `other`, to be looked into within days), which stops its follow-up |
| 4 | a payment plan is proposed within the policy's limits; where they leave none, a person is asked |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import policy as policies
from einvoice.receivables.aftermath import Receipts, heard
from einvoice.receivables.cases import disputes, plans
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.disputes import Objection
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.incoming.answers import tables
from einvoice.receivables.incoming.following import Came
from einvoice.receivables.incoming.port import News
from einvoice.receivables.incoming.replies import Person, open_invoices
from einvoice.receivables.incoming.senders import Writer, writers
from einvoice.receivables.policy import Policy
from einvoice.receivables.store.tables import ACTIONS, POLICIES

CATEGORY = "other"
_CALL, _PLAN = "call_me", "plan"


class Pressed(NamedTuple):
    """A key that was pressed: by whom, about which open invoices, when."""

    connection: Connection
    person: Person
    writer: Writer
    invoices: Sequence[Any]
    key: str
    at: At


def pressed(connection: Connection, source: str, news: News, now: datetime, law: Receipts) -> Came:  # noqa: ARG001 - one signature
    """Follows a key up; a call that is not known yet is waited for."""
    found = writers(connection, news)
    if not found or found[0].action is None:
        is_known = connection.scalar(select(OUTBOX.c.id).where(OUTBOX.c.provider == news.provider)) is not None
        return Came("nobody's: the call is about no message of ours") if is_known else Came("waits: the call is not known", settled=False)
    writer = found[0]
    person = Person(connection, source, news, writer, now)
    invoices = open_invoices(connection, writer)
    heard(connection, [row.id for row in invoices], person.day)
    follow = _FOLLOWS.get(news.text)
    if follow is None:
        return Came(f"the key {news.text!r} means nothing", debtor=writer.debtor)
    if not invoices:
        return Came("nothing is open", debtor=writer.debtor)
    key = f"{source}:{news.provider}:{news.text}"[:120]
    return Came(follow(Pressed(connection, person, writer, invoices, key, At(person.day, now, "debtor"))), debtor=writer.debtor)


def _paid(told: Pressed) -> str:
    return told.person.says_paid()


def _call_me(told: Pressed) -> str:
    return f"task {_ask(told, _CALL, 'call')}"


def _dispute(told: Pressed) -> str:
    policy = _policy(told)
    opened = [
        disputes.register(told.connection, Objection(row.id, CATEGORY, key=f"{told.key}:{row.id}"[:120]), policy, told.at)
        for row in told.invoices
    ]
    return f"disputes {', '.join(map(str, opened))}"


def _plan(told: Pressed) -> str:
    ids = [row.id for row in told.invoices]
    try:
        with told.connection.begin_nested():
            return f"plan {plans.propose(told.connection, told.writer.debtor, ids, _policy(told), told.at)}"
    except ReceivablesError as fault:
        return f"task {_ask(told, _PLAN, 'triage')}: {fault}"


_FOLLOWS: Mapping[str, Callable[[Pressed], str]] = {"1": _paid, "2": _call_me, "3": _dispute, "4": _plan}


def _ask(told: Pressed, what: str, kind: str) -> int:
    """A task for a person, once a call and key."""
    row = told.person.row
    texts = tables()["tasks"][spoken(row.language)]
    numbers = ", ".join(one.number for one in told.invoices[:5])
    text = texts[what].format(debtor=row.name, about=texts["about"].format(numbers=numbers))
    task = Task(
        f"pressed:{told.key}"[:120], kind, row.creditor_id, told.writer.debtor, tuple(one.id for one in told.invoices), told.at.day, text
    )
    return ask(told.connection, task, told.at.day)


def _policy(told: Pressed) -> Policy:
    """The policy that decided the call."""
    wanted = select(POLICIES.c.text).join(ACTIONS, ACTIONS.c.policy == POLICIES.c.hash).where(ACTIONS.c.id == told.writer.action)
    text = told.connection.scalar(wanted)
    return policies.default() if text is None else policies.load(str(text))
