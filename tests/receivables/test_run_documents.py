"""Texts of reminders: every language, every firmness, what the law wants in a notice, and what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from einvoice.receivables.actions import Action, Charge, Claimed, Message, Why
from einvoice.receivables.documents import Debt, Facts, Missing, composed, dossier
from einvoice.receivables.documents.words import LANGUAGES

CREDITOR = {
    "name": "Acme",
    "iban": "BE71096123456769",
    "bic": None,
    "email": "ar@acme.example",
    "phone": "+32 2 000 00 00",
    "legal_id": "0123.456.789",
    "address": {"street": "Main Street 1", "postcode": "1000", "city": "Brussels", "country": "BE"},
    "language": "en",
}
ACTION = Action(
    kind="message", creditor=1, debtor=1, day=date(2026, 11, 30), flow="nl", flow_version="v", step="r1", offset=7,
    invoices=(Claimed(1, "2026-1", date(2026, 11, 1), Decimal("100.00"), Decimal("3.50")),), currency="EUR",
    amount=Decimal("103.50"), messages=(Message("email", 1, "general"),), document="reminder", firmness=1, voice=None, language="nl",
    contents=(), charges=(Charge(1, "interest", Decimal("3.50"), until=date(2026, 11, 30), lines=("100.00 × 8 %",)),), final=False,
    handover=None, notice=None, not_before=datetime(2026, 11, 30, 7, tzinfo=UTC), not_after=datetime(2026, 11, 30, 11, tzinfo=UTC),
    why=Why("s", "true", "r1"), policy="p", rates="r",
)  # fmt: skip
DEBT = Debt("2026-1", date(2026, 10, 2), date(2026, 11, 1), Decimal("100.00"), Decimal("3.50"), "+++090/9337/55493+++", "Coffee")


def facts(*, creditor: dict[str, Any] | None = None, debts: tuple[Debt, ...] = (DEBT,), **changes: Any) -> Facts:
    return Facts(ACTION._replace(**changes), {**CREDITOR, **(creditor or {})}, "Debtor Ltd", "Ann", debts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("offset", [-1, 7])
@pytest.mark.parametrize("firmness", range(5))
def test_a_reminder_holds_number_amounts_account_and_reference(language: str, offset: int, firmness: int) -> None:
    made = composed(facts(language=language, offset=offset, firmness=firmness), "email")
    for part in ("2026-1", "BE71 0961 2345 6769", "+++090/9337/55493+++", "Acme", "Ann", "103", "3"):
        assert part in made.text
    assert made == composed(facts(language=language, offset=offset, firmness=firmness), "email")
    assert "\n" not in made.subject
    assert "{" not in made.subject + made.text


def test_texts_grow_firmer_and_differ_by_document() -> None:
    documents = ("statutory_notice", "aanmaning", "notice_of_default", "legal_letter")
    made = [composed(facts(firmness=firmness), "email") for firmness in range(5)]
    made += [composed(facts(document=document), "email") for document in documents]
    assert len({one.text for one in made}) == len({one.subject for one in made}) == len({one.hash for one in made}) == 9
    assert len({one.template for one in made}) == 1


def test_a_language_that_we_do_not_speak_is_english() -> None:
    assert composed(facts(language="sv"), "email").language == "en"


COSTS = (Charge(1, "costs", Decimal("40.00"), Decimal("8.40")),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dutch_letter_states_the_exact_costs_with_vat(language: str) -> None:
    made = composed(facts(language=language, notice="nl-14-day-letter", announces=COSTS), "letter")
    assert "48" in made.text
    assert "6:96" in made.text


def test_the_dutch_letter_without_the_costs_is_refused() -> None:
    with pytest.raises(Missing):
        composed(facts(notice="nl-14-day-letter"), "letter")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_belgian_reminder_names_creditor_number_description_and_deadline(language: str) -> None:
    made = {
        channel: composed(facts(language=language, notice="be-free-reminder", announces=COSTS), channel) for channel in ("email", "letter")
    }
    for part in ("0123.456.789", "Coffee", "100", "48"):
        assert part in made["email"].text
    assert made["email"].text != made["letter"].text
    assert "48" not in composed(facts(language=language, notice="be-free-reminder"), "email").text


@pytest.mark.parametrize(
    ("creditor", "debt", "notice", "contents"),
    [
        ({"iban": None}, DEBT, None, ()),
        ({"email": None, "phone": None}, DEBT, None, ()),
        ({"phone": None}, DEBT, None, ("call_options",)),
        ({"legal_id": None}, DEBT, "be-free-reminder", ()),
        ({}, DEBT._replace(what=None), "be-free-reminder", ()),
        ({}, DEBT, "xx-unknown-notice", ()),
    ],
)
def test_a_missing_field_is_an_error_that_names_it(
    creditor: dict[str, Any], debt: Debt, notice: str | None, contents: tuple[str, ...]
) -> None:
    with pytest.raises(Missing) as caught:
        composed(facts(creditor=creditor, debts=(debt,), notice=notice, contents=contents, announces=COSTS), "email")
    assert caught.value.field


def test_a_payment_link_is_left_out_where_there_is_no_portal() -> None:
    assert composed(facts(contents=("paylink",)), "email").text == composed(facts(), "email").text
    assert "https://pay" in composed(facts(contents=("paylink",))._replace(portal="https://pay"), "email").text


def test_a_hand_over_says_what_was_done_and_how_it_was_computed() -> None:
    made = dossier(facts(kind="handover", handover="collection_agency"), ["2026-11-01 email sent"])
    for part in ("collection_agency", "Debtor Ltd", "2026-11-01 email sent", "100.00 × 8 %", "2026-1"):
        assert part in made.text
