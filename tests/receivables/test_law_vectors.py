"""The golden vectors, to the cent, and the days of notices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from einvoice.receivables.law import load
from einvoice.receivables.law.interest import Terms, interest
from tests.receivables.law_table import reckoned, vectors


@pytest.mark.parametrize(("what", "country", "kind", "principal", "amount"), vectors())
def test_a_golden_vector(what: str, country: str, kind: str, principal: str, amount: Decimal) -> None:
    assert reckoned(what, country, kind, principal) == amount


def test_dutch_interest_without_interest_on_interest() -> None:
    table = load().packs["NL"].tables["commercial"]
    found = interest(Terms(table, 36500, False), Decimal(10000), date(2025, 5, 16), date(2026, 11, 21))
    assert found.total == Decimal("1565.82")


def test_the_belgian_third_working_day_passes_over_a_holiday_and_the_weekend() -> None:
    found = load().receipt("BE", "letter", date(2026, 11, 10))
    assert found is not None
    assert found.on == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("country", "channel", "sent", "received"),
    [
        ("BE", "email", date(2026, 11, 10), date(2026, 11, 11)),
        ("BE", "registered_letter", date(2026, 11, 13), date(2026, 11, 18)),
        ("NL", "letter", date(2026, 4, 24), date(2026, 4, 30)),
        ("NL", "email", date(2026, 4, 26), date(2026, 4, 27)),
        ("XX", "letter", date(2026, 11, 10), date(2026, 11, 13)),
    ],
)
def test_receipt_is_presumed_with_its_basis(country: str, channel: str, sent: date, received: date) -> None:
    found = load().receipt(country, channel, sent)
    assert found is not None
    assert found.on == received
    assert str(sent) in found.basis


@pytest.mark.parametrize("channel", ["call", "sms", "whatsapp", "computer_call", "portal"])
def test_what_cannot_be_kept_gives_no_notice(channel: str) -> None:
    assert load().receipt("NL", channel, date(2026, 11, 10)) is None


def test_the_term_counts_from_the_day_after_receipt() -> None:
    assert load().notice_ends("NL", "b2c", date(2026, 11, 10)) == date(2026, 11, 24)
    assert load().notice_ends("NL", "b2b", date(2026, 11, 10)) is None
