"""Calls back what was handed over and is paid meanwhile: the agency is told, once for each invoice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, literal, select

from einvoice.outbox import Effect, add_all
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.actions import Action
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.channels.installed import Means, to_agency
from einvoice.receivables.channels.mime import composed, envelope
from einvoice.receivables.documents.facts import Loaded, load
from einvoice.receivables.documents.words import day as written_day
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.handover.handing import OWNER, mail
from einvoice.receivables.handover.owner import RECALL
from einvoice.receivables.handover.texts import TEXT
from einvoice.receivables.handover.words import say
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, HISTORY, INVOICES, TAKEN, TASKS
from einvoice.settings.providers import Agency


def recall(connection: Connection, creditor: int, means: Means, today: date, now: datetime) -> Mapping[str, int]:
    """Tells agencies of invoices that were settled after they were handed over; a second time changes nothing.

    By the way that the dossier went; where a person handed it over, or the agency is no longer set, a person is asked.
    """
    counts: Counter[str] = Counter()
    for row in _settled(connection, creditor):
        action = action_from_json(connection.execute(select(ACTIONS.c.body).where(ACTIONS.c.id == row.id)).scalar_one())
        found = load(connection, creditor, [action])
        effect = _effect(connection, found, action, row, means, now)
        if effect is not None:
            add_all(connection, [effect], now)
        else:
            ask(connection, _by_hand(found, action, row, today), today)
        counts["handover.recalled"] += 1
    return counts


def _settled(connection: Connection, creditor: int) -> list[Row[Any]]:
    """Invoices that are settled since they were handed over, and that nobody was told of."""
    key = literal(f"{RECALL}:").concat(ACTIONS.c.id).concat(":").concat(cast(INVOICES.c.id, Text))
    told = select(OUTBOX.c.id).where(OUTBOX.c.key == key).exists() | select(TASKS.c.id).where(TASKS.c.key == key).exists()
    given = select(HISTORY.c.on).where(HISTORY.c.kind == "invoice", HISTORY.c.case_id == INVOICES.c.id, HISTORY.c.became == "handed_over")
    query = (
        select(ACTIONS.c.id, INVOICES.c.id.label("invoice"), INVOICES.c.number, INVOICES.c.settled_on)
        .distinct()
        .add_columns(given.order_by(HISTORY.c.id.desc()).limit(1).scalar_subquery().label("given_on"))
        .join_from(ACTIONS, TAKEN, TAKEN.c.action_id == ACTIONS.c.id)
        .join(INVOICES, INVOICES.c.id == TAKEN.c.invoice_id)
        .where(ACTIONS.c.creditor_id == creditor, ACTIONS.c.kind == "handover", ACTIONS.c.state == "done", TAKEN.c.live.is_(True))
        .where(INVOICES.c.open <= 0, INVOICES.c.charges <= 0, INVOICES.c.settled_on.is_not(None), given.exists(), ~told)
        .order_by(INVOICES.c.id)
    )
    return list(connection.execute(query).all())


def _effect(connection: Connection, found: Loaded, action: Action, row: Row[Any], means: Means, now: datetime) -> Effect | None:
    """The message to the agency that got the dossier; None where a person handed it over, or the agency is no longer reached."""
    mine = select(OUTBOX.c.channel, OUTBOX.c.headers).where(OUTBOX.c.owner == OWNER, OUTBOX.c.subject == f"action:{row.id}")
    went = connection.execute(mine.where(OUTBOX.c.state.in_(("sent", "delivered"))).order_by(OUTBOX.c.id.desc())).first()
    agency = _named(means, str(went.headers.get("agency"))) if went is not None else None
    if went is None or agency is None or went.channel not in means.channels:
        return None
    language = spoken(went.headers.get("language"))
    said = _said(found, action, row, language)
    subject, text = say(language, "recall_subject", **said), say(language, "recall", **said)
    key = f"{RECALL}:{row.id}:{row.invoice}"
    headers = {"title": subject, "language": language, "document": RECALL, "agency": agency.name}
    sender = means.sender or found.creditor["email"]
    if went.channel == "email" and agency.email and sender:
        payload = composed(mail(found, key, agency, subject, text, language, now.replace(microsecond=0), sender))
        headers |= {"type": "message/rfc822", "sender": sender}
        return Effect(key, OWNER, f"action:{row.id}", "email", envelope(agency.email, ()), payload, headers)
    if went.channel == to_agency(agency):
        payload = f"{subject}\n\n{text}\n".encode()
        return Effect(key, OWNER, f"action:{row.id}", went.channel, agency.title or agency.name, payload, headers | {"type": TEXT})
    return None


def _named(means: Means, name: str) -> Agency | None:
    return next((agency for agency in means.agencies if agency.name == name), None)


def _said(found: Loaded, action: Action, row: Row[Any], language: str) -> dict[str, str]:
    return {
        "number": row.number,
        "debtor": found.debtors[action.debtor].name,
        "on": written_day(row.given_on, language),
        "settled": written_day(row.settled_on, language),
    }


def _by_hand(found: Loaded, action: Action, row: Row[Any], today: date) -> Task:
    language = spoken(found.creditor.get("language"))
    text = say(language, "recall_by_hand", handover=str(action.handover), **_said(found, action, row, language))
    return Task(f"{RECALL}:{row.id}:{row.invoice}", "recall", action.creditor, action.debtor, (row.invoice,), today, text)
