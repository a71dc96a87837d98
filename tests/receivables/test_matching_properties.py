"""Whatever lines come: no invoice gets more than it owes, no line gives more than it has, and order matters only where it must."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from einvoice.receivables.matching.matcher import match
from einvoice.receivables.matching.reading import BankLine
from einvoice.receivables.matching.values import Item
from tests.receivables.matching_books import DAY, DEBTORS, ELS_IBAN, JAN_IBAN, NEW_IBAN, SHARED, book, discounted, item, line, settled

OGMS = ("+++010/8068/17183+++", "+++090/9337/55493+++", "RF18539007547034", "2345676")
AMOUNTS = st.sampled_from(["25.00", "25.00", "50.00", "75.00", "110.35", "220.36", "330.71", "100.00", "98.00"])
TEXTS = st.sampled_from(
    ["", "factuur 2026-00001", "2026/2", "2026-00003 2026-00004", "00005", "betaling", "20260001", *OGMS, "+++010/8068/71183+++"]
)
PAYERS = st.sampled_from(["Bakkerij Janssens", "Els Peeters", "E. Peeters", "Fiduciaire", "", "Mollie Payments"])
IBANS = st.sampled_from([JAN_IBAN, ELS_IBAN, NEW_IBAN, SHARED, ""])


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    """Invoices of three debtors, some settled, some with a discount or charges."""
    found = []
    for ref in range(1, draw(st.integers(1, 9)) + 1):
        debtor, amount = draw(st.sampled_from(DEBTORS))[0], draw(AMOUNTS)
        kind = draw(st.sampled_from(["open", "open", "settled", "discounted", "charged"]))
        if kind == "settled":
            found.append(
                settled(ref, debtor, amount, DAY - timedelta(draw(st.integers(0, 90))), reference=draw(st.sampled_from((None, *OGMS))))
            )
        elif kind == "discounted":
            found.append(discounted(ref, debtor, amount, "2.00", DAY))
        else:
            charges = Decimal("5.00") if kind == "charged" else Decimal(0)
            found.append(item(ref, debtor, amount, reference=draw(st.sampled_from((None, *OGMS))), charges=charges))
    return found


@st.composite
def lines(draw: st.DrawFn) -> list[BankLine]:
    """Lines that came in and left, of everybody."""
    found = []
    for number in range(draw(st.integers(1, 8))):
        sign = draw(st.sampled_from(["", "", "", "-"]))
        more: dict[str, Any] = {"reversal": draw(st.sampled_from([False, False, True])), "end_to_end": draw(st.sampled_from(["", "E1"]))}
        found.append(line(sign + draw(AMOUNTS), draw(TEXTS), iban=draw(IBANS), payer=draw(PAYERS), key=str(number), **more))
    return found


@given(items(), lines())
@settings(max_examples=300, deadline=None)
def test_nobody_gets_more_than_is_owed_or_gives_more_than_came(owed: list[Item], came: list[BankLine]) -> None:
    by_ref = {one.id: one for one in owed}
    got: dict[int, Decimal] = {}
    for found in match(came, book(*owed)):
        total = sum((amount for _, amount in found.allocations), Decimal(0))
        assert total <= max(found.line.amount, Decimal(0))
        assert all(amount > 0 for _, amount in found.allocations)
        for ref, amount in found.allocations:
            got[ref] = got.get(ref, Decimal(0)) + amount + found.discount
            assert by_ref[ref].debtor == found.debtor
        assert not found.allocations or (found.state == "matched" and found.posts)
        assert all(one.confidence < 90 for one in found.proposals)
        assert all(sum((amount for _, amount in one.allocations), Decimal(0)) <= found.line.amount for one in found.proposals)
        assert 0 <= found.confidence <= 100
        assert found.explanation
    assert all(amount <= by_ref[ref].owes for ref, amount in got.items())


@given(items(), lines(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_lines_that_have_nothing_in_common_may_come_in_any_order(owed: list[Item], came: list[BankLine], chance: object) -> None:
    """Lines of different amounts, payers and texts: each alone is matched as it is among the others, in whatever order."""
    alone = {one.key: next(iter(match([one], book(*owed)))) for one in came}
    touched = [{ref for ref, _ in found.allocations} | {f"p{found.debtor}"} for found in alone.values()]
    independent = all(touched[a].isdisjoint(touched[b]) for a in range(len(touched)) for b in range(a)) and len(
        {one.amount for one in came}
    ) == len(came)
    shuffled = list(came)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    if independent:
        for found in match(shuffled, book(*owed)):
            assert (found.state, found.allocations) == (alone[found.line.key].state, alone[found.line.key].allocations)


@given(items(), lines())
@settings(max_examples=100, deadline=None)
def test_the_same_lines_on_the_same_book_are_matched_the_same(owed: list[Item], came: list[BankLine]) -> None:
    assert list(match(came, book(*owed))) == list(match(came, book(*owed)))
