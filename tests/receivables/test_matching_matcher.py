"""The matcher: what is booked by itself, what goes on account, what a person decides; each rule with its rival."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from einvoice.receivables.matching.book import Book, Known
from einvoice.receivables.matching.matcher import match
from einvoice.receivables.matching.reading import BankLine
from einvoice.receivables.matching.values import Collection, Credit, Item, Match, Paid
from tests.receivables.matching_books import (
    DAY,
    ELS,
    ELS_IBAN,
    JAN,
    JAN_IBAN,
    SHARED,
    TWIN,
    book,
    discounted,
    item,
    jan,
    line,
    matched,
    settled,
)

OGM, OGM_SWAPPED, OGM_FOREIGN = "+++010/8068/17183+++", "+++010/8068/71183+++", "+++090/9337/55493+++"
RF = "RF18539007547034"


def outcome(found: Match) -> tuple[str, str, int | None, list[tuple[int, str]]]:
    """What a test looks at."""
    return found.kind, found.state, found.debtor, [(ref, str(amount)) for ref, amount in found.allocations]


AUTOMATIC: list[tuple[BankLine, list[Item], tuple[str, int, list[tuple[int, str]]]]] = [
    (line("121.00", OGM), [item(1, JAN, "121.00", reference=OGM)], ("exact", JAN, [(1, "121.00")])),
    (line("121.00", ref="010806817183"), [item(1, JAN, "121.00", reference=OGM)], ("exact", JAN, [(1, "121.00")])),
    (line("121.00", "rf18 5390 0754 7034 merci"), [item(1, JAN, "121.00", reference=RF)], ("exact", JAN, [(1, "121.00")])),
    (line("50.00", OGM), [item(1, JAN, "121.00", reference=OGM)], ("partial", JAN, [(1, "50.00")])),
    (line("130.00", OGM), [item(1, JAN, "121.00", reference=OGM)], ("overpaid", JAN, [(1, "121.00")])),
    (line("121.00", "factuur 2026-00017"), [item(17, JAN, "121.00")], ("exact", JAN, [(17, "121.00")])),
    (jan("121.00", "2026/17"), [item(17, JAN, "121.00"), item(18, JAN, "50.00")], ("exact", JAN, [(17, "121.00")])),
    (
        jan("171.50", "2026-00017 2026-00018"),
        [item(17, JAN, "121.00"), item(18, JAN, "50.50")],
        ("combined", JAN, [(17, "121.00"), (18, "50.50")]),
    ),
    (
        jan("171.50", "2026-00117/118"),
        [item(117, JAN, "121.00"), item(118, JAN, "50.50")],
        ("combined", JAN, [(117, "121.00"), (118, "50.50")]),
    ),
    (jan("121.33"), [item(1, JAN, "121.33"), item(2, JAN, "60.50")], ("exact", JAN, [(1, "121.33")])),
    (
        jan("330.71"),
        [item(1, JAN, "110.35"), item(2, JAN, "220.36"), item(3, JAN, "500.00")],
        ("combined", JAN, [(2, "220.36"), (1, "110.35")]),
    ),
    (jan("98.00"), [discounted(1, JAN, "100.00", "2.00", DAY)], ("discount", JAN, [(1, "98.00")])),
    (jan("140.00", OGM), [item(1, JAN, "121.00", reference=OGM, charges=Decimal("19.00"))], ("exact", JAN, [(1, "140.00")])),
]


@pytest.mark.parametrize(("one", "items", "wanted"), AUTOMATIC)
def test_evidence_without_another_reading_is_booked(
    one: BankLine, items: list[Item], wanted: tuple[str, int, list[tuple[int, str]]]
) -> None:
    found = matched(one, *items)
    assert outcome(found) == (wanted[0], "matched", *wanted[1:])
    assert found.confidence >= 90
    assert found.explanation
    assert found.automatic


PERSON: list[tuple[str, BankLine, list[Item], tuple[str, int | None]]] = [
    ("check-digit", jan("121.00", OGM_SWAPPED), [item(1, JAN, "121.00", reference=OGM)], ("account", JAN)),
    ("check-digit", line("121.00", OGM_SWAPPED), [item(1, JAN, "121.00", reference=OGM)], ("open", None)),
    ("foreign-reference", line("121.00", OGM_FOREIGN), [item(1, JAN, "121.00", reference=OGM)], ("open", None)),
    ("settled", line("121.00", OGM), [settled(1, JAN, "121.00", DAY - timedelta(3), reference=OGM)], ("account", JAN)),
    ("rival", jan("60.00", OGM), [item(1, JAN, "121.00", reference=OGM), item(2, JAN, "60.00")], ("account", JAN)),
    ("rival", line("121.00", iban=ELS_IBAN, payer="Els Peeters"), [item(1, ELS, "121.00"), item(2, TWIN, "121.00")], ("open", None)),
    ("rival", jan("121.00", RF), [item(1, ELS, "121.00", reference=RF), item(2, JAN, "121.00")], ("open", None)),
    ("rival", jan("121.00"), [item(1, JAN, "121.00"), item(2, JAN, "121.00")], ("account", JAN)),
    ("rival", jan("121.00"), [item(1, JAN, "121.00"), settled(2, JAN, "121.00", DAY - timedelta(20))], ("account", JAN)),
    ("slip", line("25.00", "2026-00123"), [item(123, JAN, "25.00"), item(132, ELS, "25.00")], ("open", None)),
    ("slip", jan("25.00", "2026-00123"), [item(123, JAN, "25.00"), item(132, JAN, "25.00")], ("account", JAN)),
    ("amount", jan("60.00", "2026-00017"), [item(17, JAN, "121.00")], ("account", JAN)),
    ("amount", line("120.99", "2026-00017"), [item(17, JAN, "121.00")], ("open", None)),
    ("payer", line("121.00"), [item(1, JAN, "121.00")], ("open", None)),
    ("payer", line("121.00", iban=JAN_IBAN, payer="Fiduciaire Alpha"), [item(1, JAN, "121.00")], ("open", None)),
    ("payer", line("121.00", iban=SHARED, payer="Somebody"), [item(1, JAN, "121.00")], ("open", None)),
    (
        "several-debtors",
        line("200.00", f"{OGM} {RF}"),
        [item(1, JAN, "100.00", reference=OGM), item(2, ELS, "100.00", reference=RF)],
        ("open", None),
    ),
    ("amount", jan("300.00"), [item(1, JAN, "100.00"), item(2, JAN, "200.00"), item(3, JAN, "500.00")], ("account", JAN)),
    ("round", jan("100.00"), [item(1, JAN, "100.00"), item(2, JAN, "400.00")], ("account", JAN)),
    ("amount", jan("98.00"), [discounted(1, JAN, "100.00", "2.00", DAY - timedelta(1))], ("account", JAN)),
    ("currency", line("121.00", OGM), [item(1, JAN, "121.00", reference=OGM)._replace(currency="USD")], ("account", JAN)),
]


@pytest.mark.parametrize(("code", "one", "items", "wanted"), PERSON)
def test_a_rival_or_a_doubt_goes_to_a_person(code: str, one: BankLine, items: list[Item], wanted: tuple[str, int | None]) -> None:
    found = matched(one, *items)
    assert (found.state, found.debtor, found.allocations) == (*wanted, ())
    assert code in {said.code for said in found.explanation if not said.holds}
    assert not found.automatic


def test_proposals_are_ranked_and_never_above_what_is_booked() -> None:
    found = matched(line("121.00", OGM_SWAPPED, payer="Els Peeters"), item(1, JAN, "121.00", reference=OGM), item(2, ELS, "121.00"))
    assert {one.debtor for one in found.proposals} >= {JAN, ELS}
    assert [one.confidence for one in found.proposals] == sorted((one.confidence for one in found.proposals), reverse=True)
    assert all(one.confidence < 90 for one in found.proposals)


def test_a_second_payment_of_the_same_finds_it_paid() -> None:
    items = [item(1, JAN, "121.00", reference=OGM), item(2, JAN, "80.00")]
    first, second = match([line("121.00", OGM, key="a"), line("121.00", OGM, key="b")], book(*items))
    assert outcome(first)[:2] == ("exact", "matched")
    assert outcome(second) == ("overpaid", "account", JAN, [])


def test_who_waits_for_a_person_may_have_paid_already() -> None:
    items = [item(1, JAN, "121.33", reference=OGM)]
    first, second = match([jan("121.33", OGM_SWAPPED, key="a"), jan("121.33", OGM, key="b")], book(*items))
    assert (first.state, second.state) == ("account", "account")
    assert "waiting" in {said.code for said in second.explanation}


def test_a_reference_of_a_customer_stands_on_many_invoices() -> None:
    items = [item(1, JAN, "121.00", reference=OGM), item(2, JAN, "80.00", reference=OGM)]
    assert outcome(matched(line("80.00", OGM), *items)) == ("exact", "matched", JAN, [(2, "80.00")])
    assert outcome(matched(line("77.00", OGM), *items)) == ("none", "account", JAN, [])


def test_a_mandate_says_who_pays() -> None:
    found = matched(line("121.33", mandate="M-1"), item(1, JAN, "121.33"), mandates={"M-1": JAN})
    assert outcome(found) == ("exact", "matched", JAN, [(1, "121.33")])


def test_direct_debits_are_told_by_their_id() -> None:
    known = {"collections": {"DD-1": Collection(JAN, Decimal("121.00"), "exported")}}
    assert matched(line("121.00", end_to_end="DD-1"), **known).by == "mandate"
    assert outcome(matched(line("-121.00", end_to_end="DD-1", reason="AM04"), **known))[:3] == ("returned", "matched", JAN)
    assert matched(line("-100.00", end_to_end="DD-1", reason="AM04"), **known).state == "open"


def test_what_the_bank_cancels_takes_back_one_payment() -> None:
    paid = Paid("bank:1", Decimal("121.00"), "EUR", DAY - timedelta(1), JAN_IBAN, "E-1", "", JAN)
    found = matched(jan("-121.00", reversal=True, end_to_end="E-1"), paid=[paid])
    assert (found.kind, found.state, found.reverses) == ("returned", "matched", "bank:1")
    assert matched(jan("-121.00", reversal=True), paid=[paid, paid._replace(key="bank:2")]).state == "open"
    assert matched(jan("-121.00"), paid=[paid]).state == "open"


def test_a_refund_pays_back_what_is_on_account() -> None:
    credit = Credit(77, JAN, Decimal("121.00"), "EUR")
    found = matched(jan("-121.00"), credits=[credit])
    assert (found.kind, found.state, found.source) == ("refund", "matched", 77)
    first, second = match([jan("-121.00", key="a"), jan("-121.00", key="b")], book(credits=[credit]))
    assert (first.state, second.state) == ("matched", "open")


@pytest.mark.parametrize(
    ("one", "kind", "state"),
    [
        (line("-50.00", payer="Els Peeters"), "refund", "open"),  # two debtors have the name
        (line("-50.00", payer="Bakkerij Janssens"), "refund", "open"),
        (line("-12.00", code="ACMT-MDOP-CHRG", iban=""), "foreign", "ignored"),
        (line("500.00", iban="BE00SAVINGS"), "foreign", "ignored"),
        (line("3.21", code="ACMT-MCOP-INTR", iban=""), "foreign", "ignored"),
        (line("900.00", payer="Stichting Mollie Payments"), "payout", "open"),
        (line("900.00", many=12), "none", "open"),
        (line("50.00", reason="AC04"), "none", "open"),
    ],
)
def test_what_is_no_payer_of_ours(one: BankLine, kind: str, state: str) -> None:
    found = matched(one, accounts=frozenset({"BE00SAVINGS"}))
    assert (found.kind, found.state) == (kind, state)


def test_a_debtor_who_is_called_like_a_provider_pays_for_itself() -> None:
    debtors = [(JAN, "1001", "Mollie Janssens")]
    one = line("121.00", "2026-00001", payer="Mollie Janssens")
    (found,) = match([one], Book([item(1, JAN, "121.00")], debtors))
    assert outcome(found) == ("exact", "matched", JAN, [(1, "121.00")])


def test_a_family_whose_members_owe_the_same_is_a_rival() -> None:
    debtors = [(JAN, "1001", "Jan Vermeulen"), (ELS, "1002", "Els Vermeulen")]
    known = Known(ibans={JAN_IBAN: {JAN: 5}})
    one = line("121.33", iban=JAN_IBAN, payer="Jan Vermeulen")
    (found,) = match([one], Book([item(1, JAN, "121.33"), item(2, ELS, "121.33")], debtors, known))
    assert (found.state, found.allocations) == ("open", ())


def test_a_payout_of_a_provider_whose_payments_were_booked_is_none_of_ours() -> None:
    found = matched(line("900.00", payer="Stichting Mollie Payments"), providers=frozenset({"mollie"}))
    assert (found.kind, found.state, found.posts) == ("payout", "ignored", False)


def test_a_payment_long_ago_is_no_rival() -> None:
    found = matched(jan("121.33"), item(1, JAN, "121.33"), settled(2, JAN, "121.33", date(2026, 7, 1)))
    assert outcome(found) == ("exact", "matched", JAN, [(1, "121.33")])
