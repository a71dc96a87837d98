"""Structured references: recognised by their check digits, written in their groups; a wrong digit leaves a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.model import CreditTransfer, Invoice, PaymentInstructions
from einvoice.rendering.compose import sheet
from einvoice.rendering.references import grouped, is_belgian, is_creditor_reference, is_dutch, is_iban, is_swiss, structured

KNOWN = [
    ("+++090/9337/55493+++", None, "OGM", "+++090/9337/55493+++"),
    ("***090/9337/55493***", None, "OGM", "+++090/9337/55493+++"),
    ("+++090933755493+++", None, "OGM", "+++090/9337/55493+++"),
    ("090933755493", "BE", "OGM", "+++090/9337/55493+++"),
    ("+++000/0000/09797+++", None, "OGM", "+++000/0000/09797+++"),
    ("RF18539007547034", None, "RF", "RF18 5390 0754 7034"),
    ("rf18 5390 0754 7034", "DE", "RF", "RF18 5390 0754 7034"),
    ("5000056789012345", "NL", "NL", "5000 0567 8901 2345"),
    ("12 2345 3462 2567", "NL", "NL", "1223 4534 6225 67"),
    ("210000000003139471430009017", "CH", "QRR", "21 00000 00003 13947 14300 09017"),
]


@pytest.mark.parametrize(("text", "country", "kind", "written"), KNOWN)
def test_known_references(text: str, country: str | None, kind: str, written: str) -> None:
    found = structured(text, country)
    assert found is not None
    assert (found.kind, found.written) == (kind, written)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("+++090/9337/55494+++", "BE"),
        ("+++090/9337/55493***", "BE"),
        ("090933755494", "BE"),
        ("090933755493", "DE"),
        ("RF19539007547034", None),
        ("RF1853900754703400000000000", None),
        ("4000056789012345", "NL"),
        ("5000056789012345", "DE"),
        ("1323453462256", "NL"),
        ("210000000003139471430009018", "CH"),
        ("0" * 27, "CH"),
        ("Rechnung 12", "DE"),
        ("RF18539007547034 and more", None),
        ("٠٩٠٩٣٣٧٥٥٤٩٣", "BE"),
        ("", None),
    ],
)
def test_anything_else_is_a_text(text: str, country: str | None) -> None:
    assert structured(text, country) is None


@given(st.integers(0, 10**10 - 1), st.integers(1, 96))
def test_every_ten_digits_have_one_belgian_check(number: int, off: int) -> None:
    check = number % 97 or 97
    assert is_belgian(f"{number:010}{check:02}")
    assert not is_belgian(f"{number:010}{(check + off - 1) % 97 + 1:02}")


@given(st.text("0123456789ABCXYZ", min_size=1, max_size=21))
def test_every_text_has_a_creditor_reference(text: str) -> None:
    digits = "".join(str("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(letter)) for letter in f"{text}RF00")
    check = 98 - int(digits) % 97
    assert is_creditor_reference(f"RF{check:02}{text}")
    assert not is_creditor_reference(f"RF{(check + 1) % 97:02}{text}")


@given(st.text("0123456789", min_size=15, max_size=15))
def test_fifteen_digits_have_one_dutch_check(digits: str) -> None:
    assert sum(is_dutch(f"{check}{digits}") for check in range(10)) == 1


@given(st.text("0123456789", min_size=26, max_size=26).filter(lambda digits: digits.strip("0")))
def test_twenty_six_digits_have_one_swiss_check(digits: str) -> None:
    assert sum(is_swiss(f"{digits}{check}") for check in range(10)) == 1


@pytest.mark.parametrize(
    "iban", ["BE68 5390 0754 7034", "DE89370400440532013000", "NL91ABNA0417164300", "FR1420041010050500013M02606", "NO9386011117947"]
)
def test_ibans(iban: str) -> None:
    assert is_iban(iban)
    assert not is_iban(iban[:-1] + ("1" if iban[-1] != "1" else "2"))


def test_groups_are_of_four_from_the_left() -> None:
    assert grouped("RF18 53900") == "RF18 5390 0"


@pytest.mark.parametrize(("stated", "shown"), [("090933755493", "+++090/9337/55493+++"), ("090933755494", "090933755494")])
def test_the_sheet_shows_a_reference_as_people_write_it(stated: str, shown: str) -> None:
    transfer = CreditTransfer(account_identifier="BE68539007547034")
    made = sheet(Invoice(payment=PaymentInstructions(remittance_information=stated, credit_transfers=(transfer,)))).payment
    assert made is not None
    assert made.reference == shown
    assert [fact.value for fact in made.facts if fact.term == "BT-83"] == [shown]
