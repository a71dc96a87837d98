"""What is asked: credits first, disputed parts left out, minimum, several currencies, groups."""

from __future__ import annotations

from decimal import Decimal

from einvoice.receivables.policy.model import Rate
from einvoice.receivables.snapshot import Hold
from tests.receivables.test_planning_steps import after, flow_with, stepped
from tests.receivables.worlds import World, codes, credit_note, debtor, held, invoice, planned, policy_of

POLICY = policy_of()


def amounts(action: object) -> list[tuple[int, Decimal]]:
    return [(claimed.invoice, claimed.amount) for claimed in getattr(action, "invoices", ())]


def test_money_on_account_covers_the_oldest_first() -> None:
    one = debtor(invoice(1, after(-1)), invoice(2, after(0)), unallocated={"EUR": Decimal("1300.00")})
    action = planned(one, after(0), POLICY)
    assert amounts(action) == [(2, Decimal("700.00"))]
    assert [note.code for note in action.why.notes] == ["credit"]  # type: ignore[union-attr]
    assert "covered-by-credit" in codes(held(one, after(0), POLICY))


def test_an_open_credit_note_counts_before_it_is_allocated() -> None:
    assert planned(debtor(invoice(1), credit_note(2, "1000.00", after(5))), after(0), POLICY) is None
    assert amounts(planned(debtor(invoice(1), credit_note(2, "999.99")), after(0), POLICY)) == [(1, Decimal("0.01"))]


def test_credit_of_another_currency_covers_nothing() -> None:
    policy = policy_of(exchange={"USD": Rate(rate=Decimal("0.9"), on="2026-01-01")})
    one = debtor(invoice(1), unallocated={"USD": Decimal("5000.00")})
    assert amounts(planned(one, after(0), policy)) == [(1, Decimal("1000.00"))]


def test_money_on_account_is_for_what_would_be_reminded() -> None:
    one = debtor(invoice(1, after(-9)), invoice(2), unallocated={"EUR": Decimal("1000.00")}, holds=(Hold("dispute", 1),))
    assert planned(one, after(0), POLICY) is None


def test_a_disputed_part_is_left_out() -> None:
    one = debtor(invoice(1), holds=(Hold("dispute", 1, Decimal("400.00")),))
    action = planned(one, after(0), POLICY)
    assert amounts(action) == [(1, Decimal("600.00"))]
    assert [note.code for note in action.why.notes] == ["dispute-part"]  # type: ignore[union-attr]
    assert codes(held(one._replace(holds=(Hold("dispute", 1, Decimal("1000.00")),)), after(0), POLICY)) == {"dispute"}


def test_a_disputed_part_and_credit_together() -> None:
    one = debtor(invoice(1), holds=(Hold("dispute", 1, Decimal("400.00")),), unallocated={"EUR": Decimal("100.00")})
    assert amounts(planned(one, after(0), POLICY)) == [(1, Decimal("500.00"))]


def test_below_the_minimum_nothing_is_reminded() -> None:
    policy = policy_of(minimum=Decimal("5.00"))
    small = debtor(invoice(1, amount="3.00"))
    assert codes(held(small, after(0), policy)) == {"minimum"}
    together = debtor(invoice(1, amount="3.00"), invoice(2, amount="3.00"))
    assert amounts(planned(together, after(0), policy)) == [(1, Decimal("3.00")), (2, Decimal("3.00"))]


def test_a_currency_without_a_rate_holds_the_debtor_and_says_the_mend() -> None:
    one = debtor(invoice(1, currency="USD"))
    assert planned(one, after(0), POLICY) is None
    (told,) = held(one, after(0), POLICY)
    assert [note.code for note in told.notes] == ["no-rate"]
    assert "exchange" in told.notes[0].text
    assert told.segment is None


def test_currencies_are_never_mixed_in_one_action() -> None:
    policy = policy_of(exchange={"USD": Rate(rate=Decimal("0.9"), on="2026-01-01")})
    world = World([debtor(invoice(1), invoice(2, currency="USD"))], policy)
    actions = world.mornings(after(0), 3)
    assert [(action.currency, amounts(action)) for action in actions] == [
        ("EUR", [(1, Decimal("1000.00"))]),
        ("USD", [(2, Decimal("1000.00"))]),
    ]


def test_charges_owed_before_are_stated_beside_the_principal() -> None:
    action = planned(debtor(invoice(1, charges=Decimal("40.00"))), after(0), POLICY)
    assert action is not None
    assert (action.amount, action.invoices[0].amount, action.invoices[0].charges) == (
        Decimal("1040.00"),
        Decimal("1000.00"),
        Decimal("40.00"),
    )


def test_one_message_for_all_invoices_at_the_same_step() -> None:
    action = planned(debtor(invoice(1), invoice(2), invoice(3, after(30))), after(0), POLICY)
    assert [number for number, _ in amounts(action)] == [1, 2]


def test_invoices_one_by_one_where_the_policy_says_so() -> None:
    world = World([debtor(invoice(1), invoice(2))], flow_with(POLICY, "b2b_sme", grouping="invoice"))
    assert [amounts(action) for action in world.mornings(after(0), 3)] == [[(1, Decimal("1000.00"))], [(2, Decimal("1000.00"))]]


def test_the_group_that_waits_longest_goes_first_and_the_other_the_next_day() -> None:
    one = debtor(invoice(1, after(-6), **stepped("b2b_sme", "r1", 0, -6)), invoice(2))
    world = World([one], POLICY)
    actions = world.mornings(after(0), 4)
    assert [(action.day, action.step, [number for number, _ in amounts(action)]) for action in actions] == [
        (after(0), "r1", [2]),
        (after(1), "r2", [1]),
    ]
    late = debtor(invoice(1, after(-8), **stepped("b2b_sme", "r1", 0, -8)), invoice(2))
    assert getattr(planned(late, after(0), POLICY), "step", None) == "r2"
    assert codes(held(late, after(0), POLICY)) == {"daily-cap"}
