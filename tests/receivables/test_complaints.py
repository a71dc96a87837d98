"""What users of other programs complain about, each as a test: here what planning decides, elsewhere ledger and mail."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from einvoice.errors import ReceivablesError
from einvoice.receivables import law
from einvoice.receivables.planning import plan
from tests.receivables.test_planning_steps import after, stepped
from tests.receivables.worlds import LENIENT, World, contact, credit_note, debtor, invoice, planned, policy_of

POLICY = policy_of()


def test_the_same_reminder_on_every_cron_run() -> None:
    world = World([debtor(invoice())], POLICY)
    assert [[action.step for action in world.morning(after(0))] for _ in range(4)] == [["r1"], [], [], []]
    assert [len(world.morning(after(days))) for days in range(1, 7)] == [0] * 6


def test_a_second_run_doubles_the_late_fee() -> None:
    late = invoice(amount="20000.00", **stepped("amount_large", "r2", 7, 7))
    world = World([debtor(late)], policy_of(every_day=False), law.load())
    (first,) = world.morning(after(14))
    assert {charge.kind for charge in first.charges} == {"interest", "costs"}
    assert world.morning(after(14)) == []
    charged = world.debtors[1].invoices[0].charges
    assert charged == sum(charge.amount + charge.vat for charge in first.charges)
    world.change_invoice(1, 1, contacts=3)
    (handover,) = [action for day in range(15, 40) for action in world.morning(after(day))]
    again = {charge.kind: charge.amount for charge in handover.charges}
    assert set(again) == {"interest"}, "costs are claimed once, interest from where it was booked"
    assert handover.amount == Decimal("20000.00") + charged + again["interest"]


def test_a_missed_day_loses_a_step_for_ever() -> None:
    world = World([debtor(invoice())], POLICY)
    assert [action.step for action in world.mornings(after(3), 40)] == ["r1", "r2", "r3"]


@pytest.mark.parametrize("paid", [{"open": Decimal(0), "stage": "settled"}, {"open": Decimal(0)}])
def test_reminded_though_paid(paid: dict[str, object]) -> None:
    world = World([debtor(invoice())], POLICY)
    world.morning(after(0))
    world.change_invoice(1, 1, **paid)
    assert world.mornings(after(1), 40) == []


def test_reminded_though_paid_without_a_reference() -> None:
    world = World([debtor(invoice(1, after(-20)), invoice(2), unallocated={"EUR": Decimal("2000.00")})], POLICY)
    assert world.mornings(after(0), 40) == []


def test_an_offset_with_its_sign_inverted() -> None:
    world = World([debtor(invoice())], policy_of(prelude=True))
    days = [((action.day - after(0)).days, action.offset) for action in world.mornings(after(-60), 120)]
    assert days == [(-1, -1), (0, 0), (7, 7), (14, 14)]


def test_one_error_stops_the_run() -> None:
    broken = debtor(invoice(1), number=1, contacts=(contact(1), None))
    failed: list[int] = []
    actions = plan([broken, debtor(invoice(2), number=2)], POLICY, LENIENT, after(0), failed=lambda one, _: failed.append(one.id))
    assert [action.debtor for action in actions] == [2]
    assert failed == [1]
    with pytest.raises(ReceivablesError):
        list(plan([broken], POLICY, LENIENT, after(0)))


def test_a_group_is_settled_with_an_unpaid_invoice_in_it() -> None:
    world = World([debtor(invoice(1), invoice(2))], POLICY)
    assert [claimed.invoice for claimed in world.morning(after(0))[0].invoices] == [1, 2]
    world.change_invoice(1, 1, open=Decimal(0), stage="settled")
    assert [[claimed.invoice for claimed in action.invoices] for action in world.mornings(after(1), 40)] == [[2], [2]]


def test_one_flat_interest_rate() -> None:
    due = date(2024, 5, 1)
    late = invoice(due=due, amount="20000.00", **stepped("amount_large", "r2", 7, 7))
    action = planned(debtor(late), due + timedelta(days=700), policy_of(), law.load())
    assert action is not None
    (interest,) = [charge for charge in action.charges if charge.kind == "interest"]
    assert sum("%" in line for line in interest.lines) >= 4, "a line for each half-year, with its own rate"


def test_open_credit_notes_are_ignored() -> None:
    world = World([debtor(invoice(1), credit_note(2, "250.00", after(3)))], POLICY)
    assert [action.amount for action in world.morning(after(0))] == [Decimal("750.00")]
    world = World([debtor(invoice(1), credit_note(2, "1000.00", after(3)))], POLICY)
    assert world.mornings(after(0), 40) == []


def test_the_reminder_contact_cannot_be_chosen() -> None:
    roles = (contact(1, "general"), contact(2, "finance"))
    world = World([debtor(invoice(), size="large", contacts=roles)], POLICY)
    assert [message.contact for message in world.morning(after(0))[0].messages] == [2]


def test_a_bounced_address_is_written_to_for_ever() -> None:
    world = World([debtor(invoice(), consents={})], POLICY)
    world.change(1, contacts=(contact(channels=frozenset({"letter"})),))
    (first,) = world.morning(after(0))
    assert (first.kind, first.task) == ("task", "repair_address")
