"""Costs: tiers, VAT, instalments that are added up; and the longest terms."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.receivables.law import load
from einvoice.receivables.law.costs import costs, shared
from einvoice.receivables.snapshot import InvoiceSnapshot
from tests.receivables.law_cases import asked, claimed, invoice

LAW = load()
AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(3_000_000), places=2)
RULES = [debtors.costs for pack in LAW.packs.values() for debtors in pack.debtors.values() if debtors.costs]


@given(st.sampled_from(RULES), AMOUNTS, AMOUNTS)
def test_costs_never_fall_as_the_debt_grows_and_keep_their_limits(rule: object, one: Decimal, other: Decimal) -> None:
    assert rule in RULES
    found = next(each for each in RULES if each == rule)
    less, more = costs(found, min(one, other)), costs(found, max(one, other))
    assert found.least <= less <= more
    assert found.most is None or more <= found.most


@given(AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=6))
def test_shared_costs_add_up(amount: Decimal, principals: list[Decimal]) -> None:
    parts = shared(amount, principals)
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)


def test_no_debt_no_costs() -> None:
    assert all(costs(rule, Decimal(0)) == 0 and costs(rule, Decimal(-5)) == 0 for rule in RULES)


@pytest.mark.parametrize("kind", ["b2b", "public"])
def test_vat_is_added_where_the_creditor_cannot_deduct_it(kind: str) -> None:
    charge = LAW.rule(asked("NL", kind, [invoice()], claims="costs", deducts=False)).charges[0]
    assert (charge.amount, charge.vat) == (Decimal("150.00"), Decimal("31.50"))
    assert LAW.rule(asked("DE", kind, [invoice()], claims="costs", deducts=False)).charges[0].vat == 0


RECEIVED = date(2026, 5, 30)


def instalments(*amounts: str, first: date = date(2025, 11, 30), months: int = 1) -> list[InvoiceSnapshot]:
    """Monthly instalments of one agreement, all with their 14-day letter."""
    return [
        invoice(
            amount,
            id=number,
            due=first + timedelta(days=30 * months * number),
            notice="nl-14-day-letter",
            notice_on=RECEIVED,
            contract={"agreement": "A-1"},
        )
        for number, amount in enumerate(amounts)
    ]


def costs_of(owed: list[InvoiceSnapshot], of: list[InvoiceSnapshot] | None = None) -> Decimal:
    step = asked("NL", "b2c", owed, claims="costs")
    return claimed(LAW.rule(step._replace(invoices=tuple(of or owed))), "costs")


@pytest.mark.parametrize(
    ("amounts", "together"),
    [
        (("50.00", "50.00", "50.00", "50.00", "66.67"), "40.00"),
        (("50.00", "50.00", "50.00", "50.00", "66.80"), "40.02"),
        (("200.00", "200.00"), "60.00"),
        (("20.00",), "40.00"),
    ],
)
def test_dutch_instalments_of_six_months_are_added_up(amounts: tuple[str, ...], together: str) -> None:
    owed = instalments(*amounts)
    assert costs_of(owed) == Decimal(together)
    assert sum((costs_of(owed, [each]) for each in owed), Decimal(0)) == Decimal(together)


def test_instalments_further_apart_bear_their_own_costs() -> None:
    assert costs_of(instalments("50.00", "50.00", first=date(2025, 3, 1), months=7)) == Decimal("80.00")


def test_what_was_charged_for_one_instalment_is_taken_off() -> None:
    first, second = instalments("100.00", "100.00")
    assert costs_of([first._replace(costs_booked=Decimal("40.00")), second]) == 0
    larger = second._replace(open=Decimal("900.00"))
    assert costs_of([first._replace(costs_booked=Decimal("40.00")), larger]) == Decimal("110.00")


def test_instalments_before_the_rule_and_other_agreements_are_not_added_up() -> None:
    assert costs_of(instalments("50.00", "50.00", first=date(2024, 6, 1))) == Decimal("80.00")
    first, second = instalments("50.00", "50.00")
    assert costs_of([first, second._replace(contract={"agreement": "B-2"})]) == Decimal("80.00")


ISSUED = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("creditor", "debtor", "kind", "days", "agreed", "is_flagged"),
    [
        (("NL", "small"), ("NL", "large"), "b2b", 30, False, False),
        (("NL", "small"), ("NL", "large"), "b2b", 31, True, True),
        (("NL", "large"), ("NL", "large"), "b2b", 31, False, False),
        (("NL", None), ("NL", "large"), "b2b", 60, False, False),
        (("NL", None), ("NL", None), "b2b", 61, False, True),
        (("NL", None), ("NL", None), "b2b", 90, True, False),
        (("BE", None), ("BE", None), "b2b", 60, False, False),
        (("BE", None), ("BE", None), "b2b", 61, True, True),
        (("FR", None), ("FR", None), "b2b", 61, True, True),
        (("ES", None), ("ES", None), "b2b", 61, True, True),
        (("DE", None), ("DE", None), "b2b", 61, False, True),
        (("DE", None), ("DE", None), "b2b", 120, True, False),
        (("PL", None), ("SE", None), "b2b", 61, False, True),
        (("PL", None), ("BE", None), "b2b", 61, True, True),
        (("NL", None), ("NL", None), "public", 31, False, True),
        (("NL", None), ("NL", None), "public", 60, True, False),
        (("NL", None), ("NL", None), "public", 61, True, True),
        (("NL", None), ("NL", None), "b2c", 365, False, False),
        (("US", None), ("US", None), "b2b", 365, False, False),
    ],
)
def test_a_term_beyond_the_maximum_is_flagged(
    creditor: tuple[str, str | None], debtor: tuple[str, str | None], kind: str, days: int, agreed: bool, is_flagged: bool
) -> None:
    note = LAW.term_flag(
        creditor=creditor[0],
        creditor_size=creditor[1],
        debtor=debtor[0],
        debtor_size=debtor[1],
        kind=kind,
        issued=ISSUED,
        due=ISSUED + timedelta(days=days),
        agreed=agreed,
    )
    assert (note is not None) == is_flagged
    assert note is None or (note.code, bool(note.source)) == ("term-beyond-maximum", True)


def test_a_rule_on_terms_counts_from_its_day() -> None:
    old = date(2021, 1, 1)
    parties = {"creditor": "NL", "creditor_size": "small", "debtor": "NL", "debtor_size": "large", "kind": "b2b"}
    assert LAW.term_flag(**parties, issued=old, due=old + timedelta(days=45)) is None  # type: ignore[arg-type]
