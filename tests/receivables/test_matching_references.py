"""References and numbers in what payers write, names, and sums that chance may make."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.receivables.matching import checks, names, references, subsets
from tests.receivables.bank_families import BENELUX, NORTHERN
from tests.receivables.bank_words import swapped

VECTORS = [
    ("ogm", "010806817183"),  # Febelfin's own example, +++010/8068/17183+++
    ("rf", "RF18539007547034"),  # ISO 11649, annex
    ("nl", "5000056789012345"),  # Currence, acceptgiro
    ("fi", "1232"),  # Finance Finland: base 123
    ("kid", "2345676"),  # Bits: modulo 10
    ("ocr", "12345674"),
    ("qrr", "210000000003139471430009017"),  # SIX, QR-bill
]


@pytest.mark.parametrize(("scheme", "reference"), VECTORS)
def test_check_digits_hold_as_published(scheme: str, reference: str) -> None:
    assert scheme in checks.schemes(reference)


@pytest.mark.parametrize(("scheme", "reference"), VECTORS)
def test_any_other_last_digit_fails(scheme: str, reference: str) -> None:
    others = [reference[:-1] + digit for digit in "0123456789" if digit != reference[-1]]
    holding = [other for other in others if scheme in checks.schemes(other)]
    assert len(holding) <= (1 if scheme == "kid" else 0)  # a KID may end in either of two check digits


@pytest.mark.parametrize("family", [BENELUX, NORTHERN], ids=lambda family: family.name)
@given(st.integers(1, 10**6), st.randoms(use_true_random=False))
def test_two_digits_that_change_places_are_noticed(family: object, ordinal: int, chance: object) -> None:
    plain = "".join(sign for sign in family.reference(ordinal, chance) if sign.isalnum())  # type: ignore[attr-defined]
    assert checks.schemes(plain)
    other = swapped(plain, chance)  # type: ignore[arg-type]
    same = set(checks.schemes(plain)) & set(checks.schemes(other)) & {"ogm", "rf"}
    assert not same or other == plain


def _last(digits: str) -> int:
    """The check digit of a Finnish reference."""
    return -sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(digits))) % 10


def test_digits_count_as_checked_where_all_of_a_creditors_do() -> None:
    """Of 8-digit numbers in a row some satisfy a scheme by chance; of references that were made with check digits all do."""
    row = {str(20_260_000 + number) for number in range(40)}
    assert any(checks.schemes(each) for each in row)
    assert not references.checked(row)
    made = {f"55{number:06}{_last(f'55{number:06}')}" for number in range(40)}
    assert references.checked(made) == made
    assert not references.checked(list(made)[:3])
    assert references.checked({"+++010/8068/17183+++", "RF18539007547034", "a word"}) == {"+++010/8068/17183+++", "RF18539007547034"}


@pytest.mark.parametrize(
    "text",
    [
        "Factuur 2026-00123",
        "fac202600123 bedankt",
        "betaling 2026/00123, zie bijlage",
        "inv 2026 00123",
        "2026-001 23",  # cut in two at the end of a line
        "FACTUURNR202600123EN ANDERE",
    ],
)
def test_a_number_is_found_in_whatever_is_around_it(text: str) -> None:
    assert "202600123" in references.candidates(text).digits


@pytest.mark.parametrize("text", ["2026001234", "12026001239", "ref 920260012", "2026-0012"])
def test_a_piece_of_another_number_is_no_candidate(text: str) -> None:
    assert "202600123" not in references.candidates(text).digits


def test_zeros_left_out_are_loosely_the_same_but_not_some_of_them() -> None:
    assert ("2026", "123") in references.candidates("factuur 2026-123").groups
    assert ("2026", "123") not in references.candidates("factuur 2026-0123").groups


@pytest.mark.parametrize(
    ("text", "checked", "failing"),
    [
        ("+++010/8068/17183+++", {"10806817183"}, set()),
        ("***010806817183***", {"10806817183"}, set()),
        ("+++010/8068/17138+++", set(), {"10806817138"}),
        ("betaling RF18 5390 0754 7034 bedankt", {"RF18539007547034"}, set()),
        ("RF19539007547034", set(), {"RF19539007547034"}),
        ("tel 0478 12 34 56", set(), set()),
    ],
)
def test_references_in_text_are_held_against_their_check_digits(text: str, checked: set[str], failing: set[str]) -> None:
    found = references.written((), text)
    assert (set(found.checked), set(found.failing)) == (checked, failing)


def test_the_end_of_a_text_that_may_be_cut_is_no_number() -> None:
    long = ("x" * 126 + " 2026-00123456")[:140]
    assert references.whole(long) == long[: long.rindex("-") + 1]
    assert references.whole("factuur 2026-00123") == "factuur 2026-00123"


@pytest.mark.parametrize(
    ("said", "known", "level"),
    [
        ("JANSSENS BAKKERIJ", "Bakkerij Janssens BV", names.FULL),
        ("Bakkerij Janssens B.V.", "Bakkerij Janssens", names.FULL),
        ("Müller GmbH", "Mueller", names.NONE),
        ("MULLER HANS", "Hans Müller", names.FULL),
        ("J. Peeters", "Jan Peeters", names.PART),
        ("K. Peeters", "Jan Peeters", names.NONE),
        ("Bakkerij Janssens Antwerpen", "Bakkerij Janssens", names.PART),
        ("Peeters", "Janssens", names.NONE),
        ("", "Janssens", names.NONE),
    ],
)
def test_names_agree_without_forms_accents_and_order(said: str, known: str, level: int) -> None:
    sharing = {"peeters": 50, "janssens": 50, "bakkerij": 50, "jan": 50, "antwerpen": 50}
    assert names.agreement(names.name_of(said), names.name_of(known), sharing) == level


def _sum(total: str, *amounts: str) -> subsets.Sums:
    return subsets.subset([(number, Decimal(amount)) for number, amount in enumerate(amounts)], Decimal(total))


def test_only_a_single_way_to_a_sum_is_one() -> None:
    assert _sum("330.71", "110.35", "220.36", "500.00").subset == (1, 0)
    assert _sum("300.00", "100.00", "200.00", "150.00", "150.00").subset is None
    assert _sum("300.00", "100.00", "200.00", "150.00", "150.00").ways == 2
    assert _sum("450.00", "100.00", "200.00", "150.00").subset == (0, 1, 2)


def test_a_sum_of_round_amounts_tells_little() -> None:
    assert not _sum("300.00", "100.00", "200.00", "500.00").telling
    assert _sum("330.71", "110.35", "220.36", "500.00").telling
    assert _sum("330.71", "110.35", "220.36").telling
    assert not _sum("20.00", "10.00", "10.00").telling


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=9), st.data())
def test_a_subset_that_is_found_sums_up(amounts: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(1, sum(amounts)))
    pairs = [(number, Decimal(amount).scaleb(-2)) for number, amount in enumerate(amounts)]
    found = subsets.subset(pairs, Decimal(total).scaleb(-2))
    if found.subset is not None:
        assert sum(amounts[number] for number in found.subset) == total
        assert len(found.subset) >= 2
