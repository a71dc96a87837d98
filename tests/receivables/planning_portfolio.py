"""A portfolio of debtors as a large creditor has it on a Monday, made from a seed: most invoices have no step today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from einvoice.receivables.policy import Policy, segment
from einvoice.receivables.snapshot import Contact, DebtorSnapshot, Hold, InvoiceSnapshot
from tests.receivables.worlds import CREDITOR, EVERYTHING, contact, invoice

DAY = date(2026, 11, 23)  # a Monday: what fell on the weekend goes out with it
_FRIDAY = DAY - timedelta(days=3)
_COUNTRIES = ("NL",) * 11 + ("BE",) * 4 + ("DE",) * 3 + ("FR",) * 2
_SIZES = ("micro", "small", "small", "medium", "large", None)
_AMOUNTS = [Decimal(cents).scaleb(-2) for cents in range(2_500, 400_000, 1_337)]


def portfolio(policy: Policy, count: int, *, first: int = 1, seed: int = 4) -> Iterator[DebtorSnapshot]:
    """So many debtors with five open invoices each, every one followed up in its flow until the Friday before."""
    random = Random(seed * 1_000_003 + first)
    for number in range(first, first + count):
        yield _followed(policy, _party(random, number), random)


def _party(random: Random, number: int) -> DebtorSnapshot:
    kind = random.choices(("b2b", "b2c", "public"), (60, 37, 3))[0]
    country = random.choice(_COUNTRIES)
    facts: dict[str, Any] = {"size": random.choice(_SIZES)} if kind == "b2b" else {}
    if kind == "b2c":
        facts["born"] = date(1940 + random.randrange(66), 1 + random.randrange(12), 1)
    if random.random() < 0.5:
        facts["score"] = random.randrange(101)
    if random.random() < 0.3:
        facts["consents"] = {"whatsapp": True}
    contacts: tuple[Contact, ...] = (contact(number, channels=EVERYTHING),)
    if kind == "b2b" and random.random() < 0.4:
        contacts += (contact(number + 10_000_000, "finance"),)
    if random.random() < 0.03:
        facts["unallocated"] = {"EUR": Decimal(1 + random.randrange(400))}
    if random.random() < 0.1:
        facts["hold_until"] = DAY + timedelta(days=5)
    invoices = sorted((_invoice(random, number * 10 + place) for place in range(5)), key=lambda one: (one.due, one.id))
    if random.random() < 0.05:
        facts["holds"] = (Hold("dispute", invoices[0].id),)
    given = {"id": number, "key": f"D{number}", "creditor": CREDITOR, "name": f"Debtor {number}", "kind": kind, "country": country}
    return DebtorSnapshot(**{**given, "language": "nl", "contacts": contacts, "invoices": tuple(invoices), **facts})


def _invoice(random: Random, number: int) -> InvoiceSnapshot:
    amount = random.choice(_AMOUNTS)
    open_ = amount if random.random() < 0.9 else amount / 4
    return invoice(number, DAY + timedelta(days=60 - random.randrange(200)), amount=str(amount), open=round(open_, 2))


def _followed(policy: Policy, one: DebtorSnapshot, random: Random) -> DebtorSnapshot:
    """The debtor with its invoices at the step where a run every day, that missed none, would have left them."""
    chosen = segment(policy, one, _FRIDAY)
    flow = policy.flows[chosen.flow]  # type: ignore[union-attr]
    invoices = tuple(_at(each, chosen.flow, flow.steps, random) for each in one.invoices)  # type: ignore[union-attr]
    last = max((each.stepped for each in invoices if each.stepped), default=None)
    return one._replace(invoices=invoices, steps_on=(last,) if last and last > DAY - timedelta(days=30) else ())


def _at(each: InvoiceSnapshot, flow: str, steps: Any, random: Random) -> InvoiceSnapshot:
    done = [step for step in steps if each.due + timedelta(days=step.offset) <= _FRIDAY]
    if not done or random.random() < 0.02:
        return each
    last = done[-1]
    stage = "final" if last is steps[-1] else "open"
    trail = "".join(f"{flow}.{step.id} " for step in done)
    stepped = max(each.due + timedelta(days=last.offset), each.entered)
    facts = {"flow": flow, "step": last.id, "offset": last.offset, "stepped": stepped, "contacts": len(done), "trail": trail}
    return each._replace(stage=stage, **facts)
