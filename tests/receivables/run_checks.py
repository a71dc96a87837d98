"""What the database must say after every event, given what the machine of the run knows."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from einvoice.outbox.tables import EVENTS
from einvoice.receivables import law
from einvoice.receivables.store.tables import ACTIONS, CHARGES, INVOICES, MESSAGES, POLICIES
from tests.receivables.run_oracle import RULES, ZERO, Known
from tests.receivables.run_post import Post
from tests.receivables.run_world import World

RATES = law.load().rates
POLICY = hashlib.sha256(RULES.encode()).hexdigest()


def wrong(world: World, known: Known, post: Post) -> list[str]:
    """Everything that does not hold, each with the number of its invariant."""
    actions = {row.id: row for row in world.rows(select(ACTIONS))}
    messages = {row.outbox_id: row for row in world.rows(select(MESSAGES))}
    return [
        *_twice(known, post, actions),
        *_kept(post, messages),
        *_hashes(world, post, messages, actions),
        *_contacts(world, known),
        *_charges(world, known, actions, messages),
    ]


def _twice(known: Known, post: Post, actions: dict[str, Any]) -> list[str]:
    """2: an invoice meets a step once per channel, and a debtor one step a day."""
    arrived = [one for one in post.sent.values() if one.may_have_arrived]
    met = Counter((number, actions[one.action].step, one.channel) for one in arrived for number in one.numbers)
    days = {(known.party_of(one.numbers[0]).key, one.at.date(), one.action) for one in arrived}
    several = Counter(key[:2] for key in days)
    written = {path.stem for path in post.letters.glob("*.json")}
    letters = sum(one.channel == "letter" for one in post.sent.values())
    found = [f"2: {' '.join(what)} {times} times" for what, times in met.items() if times > 1]
    found += [f"2: {debtor} heard of us {times} times on {day}" for (debtor, day), times in several.items() if times > 1]
    return found + ([f"2: {len(written)} letters lie there, {letters} were handed in"] if len(written) != letters else [])


def _kept(post: Post, messages: dict[int, Any]) -> list[str]:
    """What the database says of messages is what their senders said."""
    told = {one.id: one.state for one in post.sent.values()}
    kept = {ref: row.state for ref, row in messages.items() if row.state not in ("planned", "cancelled")}
    settled = {ref: state for ref, state in told.items() if state != "planned" and ref not in post.unsure}
    return (
        [] if {ref: state for ref, state in kept.items() if ref not in post.unsure} == settled else [f"messages are {kept}, not {settled}"]
    )


def _hashes(world: World, post: Post, messages: dict[int, Any], actions: dict[str, Any]) -> list[str]:
    """13: four hashes, on rows and events; the document's is that of the bytes that were handed in."""
    found, of_message = [], {}
    for ref, row in messages.items():
        action = actions[row.action_id]
        document = post.sent[ref].sha256 if ref in post.sent else row.document
        wanted = {"policy": POLICY, "rates": RATES, "template": row.template, "document": document}
        of_message[str(row.id)] = wanted
        if {"policy": action.policy, "rates": action.rates, "template": row.template, "document": row.document} != wanted:
            found.append(f"13: message {row.id} bears other hashes")
        if any(len(value or "") != 64 for value in wanted.values()):
            found.append(f"13: message {row.id} lacks a hash")
    for body in world.rows(select(EVENTS.c.body).where(EVENTS.c.type.like("message.%"))):
        event = json.loads(body[0])
        if {name: event.get(name) for name in ("policy", "rates", "template", "document")} != of_message[event["message"]]:
            found.append(f"13: the event {event['type']} of message {event['message']} bears other hashes")
    texts = world.rows(select(POLICIES.c.hash, POLICIES.c.text))
    return found + [
        f"13: policy {row.hash} is not its text's" for row in texts if hashlib.sha256(row.text.encode()).hexdigest() != row.hash
    ]


def _contacts(world: World, known: Known) -> list[str]:
    """5: delivered contacts, each counted once, by the clock of the run."""
    kept = {row.number: row.contacts for row in world.rows(select(INVOICES.c.number, INVOICES.c.contacts))}
    return [
        f"5: {number} has {kept[number]} contacts, not {paper.contacts}"
        for number, paper in known.papers().items()
        if kept[number] != paper.contacts
    ]


def learn_charges(world: World, known: Known) -> None:
    """Notes what was charged since: from now on it is owed."""
    booked: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in world.rows(select(CHARGES.c.invoice_id, CHARGES.c.amount, CHARGES.c.vat)):
        booked[row.invoice_id] += row.amount + row.vat
    for paper in known.papers().values():
        fresh = booked[paper.id] - paper.booked
        paper.booked, paper.charges = paper.booked + fresh, paper.charges + fresh


def _charges(world: World, known: Known, actions: dict[str, Any], messages: dict[int, Any]) -> list[str]:
    """10: what was charged is owed until it is paid or waived, whatever becomes of the principal."""
    claimed: dict[int, Decimal] = defaultdict(lambda: ZERO)
    written_to = {row.action_id for row in messages.values()}
    for key, moment in known.moments.items():
        left = any(one.state in ("sent", "delivered", "bounced") for one in moment.messages) or key not in written_to
        for charge in actions[key].body.get("charges", []) if left else []:
            claimed[charge["invoice"]] += Decimal(charge["amount"]) + Decimal(charge.get("vat", "0"))
    papers = {paper.id: paper for paper in known.papers().values()}
    booked = {ref: paper.booked for ref, paper in papers.items() if paper.booked}
    found = [] if booked == claimed else [f"10: {booked} is booked, {dict(claimed)} was claimed"]
    rows = world.rows(select(INVOICES.c.id, INVOICES.c.open, INVOICES.c.charges).where(INVOICES.c.id.in_(list(papers))))
    for row in rows:
        paper = papers[row.id]
        if (row.open, row.charges) != (paper.open, paper.charges):
            found += [f"10: {paper.number} owes {row.open} and {row.charges}, not {paper.open} and {paper.charges}"]
    return found
