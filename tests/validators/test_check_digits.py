"""Check digits: known numbers, and the laws that each algorithm keeps: one check digit a number, and no digit changes unnoticed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice_validators.rules.peppol import check_digits as checks
from einvoice_validators.rules.peppol.values import is_number, is_plain_date, numeric, single
from einvoice_validators.xpath import MISSING, Aborted, Several

Check = Callable[[str], bool]


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.gln, "5790000436101"),
        (checks.gln, "0"),
        (checks.norwegian_organisation, "974760673"),
        (checks.belgian_enterprise, "0123456749"),
        (checks.australian_business, "51824753556"),
        (checks.swedish_organisation, "5560160680"),
        (checks.swedish_organisation, "55601606809999"),
        (checks.greek_tax_number, "094259216"),
        (checks.italian_office, "UF1a34"),
        (checks.italian_tax_code, "12345678901"),
        (checks.italian_tax_code, "-1234567890"),
        (checks.italian_tax_code, "RSSMRA80A01H501U"),
        (checks.italian_vat_number, "IT12345670017"),
        (checks.italian_vat_number, "DE1"),
        (checks.iban, "NL91ABNA0417164300"),
        (checks.iban, "DE75512108001245126199"),
    ],
)
def test_known_numbers_are_right(check: Check, right: str) -> None:
    assert check(right)


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (checks.gln, ""),
        (checks.gln, "57900004361O1"),
        (checks.norwegian_organisation, "000000000"),
        (checks.norwegian_organisation, "97476067"),
        (checks.belgian_enterprise, "123456749"),
        (checks.australian_business, "5182475355"),
        (checks.swedish_organisation, ""),
        (checks.swedish_organisation, "556016068"),
        (checks.greek_tax_number, "09425921"),
        (checks.greek_tax_number, "EL0942592"),
        (checks.italian_office, "UF1a3"),
        (checks.italian_office, "UF 134"),
        (checks.italian_tax_code, "1234567890"),
        (checks.italian_tax_code, "RSSMRA8XA01H501U"),
        (checks.italian_tax_code, "R5SMRA80A01H501U"),
        (checks.italian_vat_number, "IT1234567001"),
        (checks.italian_vat_number, "IT12345670018"),
        (checks.iban, "nl91ABNA0417164300"),
        (checks.iban, "NL91ABNA0417164301"),
        (checks.iban, ""),
    ],
)
def test_known_numbers_are_wrong(check: Check, wrong: str) -> None:
    assert not check(wrong)


ONE_DIGIT = [(checks.gln, 12), (checks.swedish_organisation, 9), (checks.greek_tax_number, 8)]


@pytest.mark.parametrize(("check", "length"), ONE_DIGIT)
@given(data=st.data())
def test_each_number_has_one_check_digit(check: Check, length: int, data: st.DataObject) -> None:
    body = data.draw(digits(length))
    assert sum(check(body + digit) for digit in "0123456789") == 1


@given(body=digits(8))
def test_norwegian_numbers_have_one_check_digit_or_none(body: str) -> None:
    found = sum(checks.norwegian_organisation(body + digit) for digit in "0123456789")
    weighted = sum(int(digit) * weight for digit, weight in zip(body, (3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    assert found == (weighted % 11 != 1 and body != "00000000")


@given(body=digits(8))
def test_belgian_check_digits_are_told_by_the_rest(body: str) -> None:
    assert checks.belgian_enterprise(f"{body}{97 - int(body) % 97:02}")


@given(body=digits(8), check=st.integers(0, 99))
def test_no_other_belgian_check_digits_pass(body: str, check: int) -> None:
    assert checks.belgian_enterprise(f"{body}{check:02}") == (check == 97 - int(body) % 97)


@pytest.mark.parametrize(
    ("check", "right"),
    [(checks.gln, "5790000436101"), (checks.swedish_organisation, "5560160680"), (checks.belgian_enterprise, "0123456749"),
     (checks.italian_vat_number, "IT12345670017"), (checks.iban, "DE75512108001245126199"), (checks.australian_business, "51824753556")],
)  # fmt: skip
def test_no_single_digit_changes_unnoticed(check: Check, right: str) -> None:
    for place, sign in enumerate(right):
        if sign.isdigit():
            others = (right[:place] + other + right[place + 1 :] for other in "0123456789" if other != sign)
            assert not any(check(other) for other in others), place


@given(number=st.text(max_size=20))
def test_any_text_is_judged_or_refused(number: str) -> None:
    for check in (
        checks.gln, checks.norwegian_organisation, checks.belgian_enterprise, checks.australian_business, checks.greek_tax_number,
        checks.italian_office, checks.italian_tax_code, checks.iban,
    ):  # fmt: skip
        assert check(number) in (True, False)


@given(account=st.from_regex(r"[A-Z0-9]{0,30}", fullmatch=True), country=st.from_regex("[A-Z]{2}", fullmatch=True))
def test_iban_check_digits_are_98_less_the_rest(account: str, country: str) -> None:
    rest = int("".join(str(int(sign, 36)) for sign in f"{account}{country}00"))
    assert checks.iban(f"{country}{98 - rest % 97:02}{account}")


def test_what_the_official_functions_cannot_compute_aborts() -> None:
    with pytest.raises(Aborted):
        checks.swedish_organisation("٣٣٣٣٣٣٣٣٣٣")
    with pytest.raises(Aborted):
        checks.italian_vat_number("IT+1234567890")
    with pytest.raises(Aborted):
        checks.italian_vat_number("IT 1234567890")


def test_a_check_digit_of_another_script_is_wrong() -> None:
    assert not checks.swedish_organisation("556016068٣")


@given(year=st.integers(1, 9999), month=st.integers(0, 13), day=st.integers(0, 32))
def test_plain_dates_are_those_of_the_calendar(year: int, month: int, day: int) -> None:
    written = f"{year:04}-{month:02}-{day:02}"
    try:
        date(year, month, day)
    except ValueError:
        assert not is_plain_date(written)
    else:
        assert is_plain_date(written)


@pytest.mark.parametrize("written", ["", "2026-1-01", "2026-01-01Z", " 2026-01-01", "20260101", "2026-01-01\n", "٢٠٢٦-01-01"])
def test_dates_written_otherwise_are_not_plain(written: str) -> None:
    assert not is_plain_date(written)


@given(text=st.text("0123456789+-.eE INFa", max_size=8))
def test_numbers_are_those_of_xpath(text: str) -> None:
    shape = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF"
    assert is_number(text) == (re.fullmatch(shape, text.strip(" ")) is not None)


def test_what_is_missing_is_no_number_and_no_text() -> None:
    assert not is_number(MISSING)
    assert single(MISSING) == ""


def test_several_values_abort() -> None:
    several = Several(("1", "2"))
    for use in (numeric, single):
        with pytest.raises(Aborted):
            use(several)
