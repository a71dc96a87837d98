"""The ten flows on a fake clock: exactly their steps, on exactly their days, by exactly their channels."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from einvoice.receivables import law
from einvoice.receivables.actions import Action
from einvoice.receivables.snapshot import DebtorSnapshot
from tests.receivables.worlds import World, contact, debtor, invoice, policy_of

FLOWS: dict[str, list[tuple[int, str]]] = {
    "b2c_18_35": [(0, "email"), (8, "sms"), (15, "whatsapp"), (18, "letter"), (25, "call")],
    "b2c_35_80": [(0, "email"), (8, "letter"), (15, "sms"), (18, "letter"), (25, "call")],
    "b2b_sme": [(0, "email"), (7, "whatsapp"), (14, "call")],
    "b2b_large": [(0, "email"), (10, "email"), (20, "call"), (30, "registered_letter")],
    "score_high": [(0, "email"), (10, "email sms"), (20, "call")],
    "score_low": [(0, "email sms"), (7, "letter"), (14, "call"), (30, "hand-over: collection_agency")],
    "nl": [(0, "email"), (7, "whatsapp"), (14, "call")],
    "international": [(0, "email"), (10, "email call"), (30, "registered_letter")],
    "amount_small": [(0, "email"), (10, "whatsapp"), (20, "call")],
    "amount_large": [(0, "email"), (7, "call"), (14, "letter"), (30, "hand-over: legal_or_collection")],
}
"""Days after the due date and what goes out, as the design's table has it: of "WhatsApp or SMS" the first that has consent."""

PARTIES: dict[str, dict[str, Any]] = {
    "b2c_18_35": {"kind": "b2c", "size": None, "born": date(2000, 5, 1)},
    "b2c_35_80": {"kind": "b2c", "size": None, "born": date(1960, 5, 1)},
    "b2b_sme": {},
    "b2b_large": {"size": "large"},
    "score_high": {"score": 90},
    "score_low": {"score": 10},
    "nl": {"size": None},
    "international": {"country": "DE"},
    "amount_small": {"amount": "400.00"},
    "amount_large": {"amount": "20000.00"},
}
CLOSED = {
    "NL": {date(2026, 4, 27), date(2026, 5, 14), date(2026, 5, 25)},
    "DE": {date(2026, 5, 1), date(2026, 5, 14), date(2026, 5, 25)},
}
"""Holidays between April and June of 2026, besides weekends and Easter, which is over."""
DAYS_DUE = [date(2026, 4, 20) + timedelta(days=number) for number in range(7)]


def party(flow: str, due: date) -> DebtorSnapshot:
    """A debtor that the default policy puts into a flow."""
    facts = dict(PARTIES[flow])
    return debtor(invoice(1, due, facts.pop("amount", "1000.00")), **facts)


def said(action: Action) -> str:
    """What goes out, as the table writes it."""
    return f"hand-over: {action.handover}" if action.handover else " ".join(message.channel for message in action.messages)


def taken(world: World, due: date) -> list[tuple[int, str]]:
    """What goes out from a week before the due date on, by days after it."""
    actions = world.mornings(due - timedelta(days=7), 100)
    return [((action.day - due).days, said(action)) for action in actions]


def test_there_are_ten_flows_and_37_steps() -> None:
    assert {name: len(flow.steps) for name, flow in policy_of().flows.items()} == {name: len(steps) for name, steps in FLOWS.items()}
    assert sum(map(len, FLOWS.values())) == 37


@pytest.mark.parametrize("flow", FLOWS)
def test_every_day_is_a_contact_day(flow: str) -> None:
    world = World([party(flow, DAYS_DUE[0])], policy_of())
    assert taken(world, DAYS_DUE[0]) == FLOWS[flow]
    assert {action.flow for action in world.taken} == {flow}


@pytest.mark.parametrize("flow", FLOWS)
def test_weekends_and_holidays_roll_on(flow: str) -> None:
    for due in DAYS_DUE:
        world = World([party(flow, due)], policy_of(every_day=False))
        assert taken(world, due) == rolled(flow, due), due


@pytest.mark.parametrize("flow", FLOWS)
def test_under_the_law_of_the_country(flow: str) -> None:
    world = World([party(flow, DAYS_DUE[0])], policy_of(every_day=False), law.load())
    assert taken(world, DAYS_DUE[0]) == rolled(flow, DAYS_DUE[0])


@pytest.mark.parametrize("flow", FLOWS)
def test_a_notice_before_the_due_date_changes_nothing_else(flow: str) -> None:
    world = World([party(flow, DAYS_DUE[0])], policy_of(prelude=True))
    assert taken(world, DAYS_DUE[0]) == [(-1, "email"), *FLOWS[flow]]


def test_whatsapp_or_sms_without_consent() -> None:
    world = World([party("b2b_sme", DAYS_DUE[0])._replace(consents={})], policy_of())
    assert taken(world, DAYS_DUE[0]) == [(0, "email"), (7, "sms"), (14, "call")]


def test_roles_of_a_large_company() -> None:
    roles = [contact(number, role) for number, role in enumerate(("general", "finance", "cfo", "accounts_payable"), 1)]
    world = World([party("b2b_large", DAYS_DUE[0])._replace(contacts=tuple(roles))], policy_of())
    world.mornings(DAYS_DUE[0], 40)
    assert [(action.messages[0].role, action.messages[0].cc) for action in world.taken] == [
        ("finance", ()),
        ("finance", (3,)),
        ("accounts_payable", ()),
        ("general", ()),
    ]


def rolled(flow: str, due: date) -> list[tuple[int, str]]:
    """The table with each step on the first business day that is three days after the step before."""
    found, last = [], None
    for offset, what in FLOWS[flow]:
        day = due + timedelta(days=offset)
        if last is not None:
            day = max(day, last + timedelta(days=3))
        while day.weekday() >= 5 or day in CLOSED["DE" if flow == "international" else "NL"]:
            day += timedelta(days=1)
        found.append(((day - due).days, what))
        last = day
    return found
