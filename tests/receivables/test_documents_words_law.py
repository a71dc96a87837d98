"""What the law wants in a message: the Dutch letter, the Belgian reminder; and the text of a hand-over."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from einvoice.receivables.actions import Charge
from einvoice.receivables.documents import plain, sample
from einvoice.receivables.documents.compose import content
from einvoice.receivables.documents.parties import Debt, Facts, Missing
from einvoice.receivables.documents.words import LANGUAGES, day, money, words

COSTS = (Charge(1, "costs", Decimal("40.00"), Decimal("8.40")),)
NL, BE = "nl-14-day-letter", "be-free-reminder"


def facts(
    language: str = "nl", *, creditor: Mapping[str, Any] | None = None, debts: tuple[Debt, ...] = sample.DEBTS, **changes: Any
) -> Facts:
    made = sample.facts("statutory_notice", 3, language, creditor={**sample.CREDITOR, **(creditor or {})}, **changes)
    return made._replace(debts=debts)


def said(about: Facts, channel: str = "letter") -> str:
    return plain.text(content(about, channel, "k"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dutch_letter_states_the_exact_costs_with_vat_and_the_law(language: str) -> None:
    text = said(facts(language, notice=NL, announces=COSTS))
    principal = sum((debt.amount for debt in sample.DEBTS), Decimal(0))
    for part in (
        money(Decimal("48.40"), "EUR", language),
        money(Decimal("8.40"), "EUR", language),
        money(principal, "EUR", language),
        "6:96",
    ):
        assert part in text
    assert any(days in text.lower() for days in ("fourteen", "veertien", "vierzehn", "quatorze"))


def test_the_dutch_letter_without_the_costs_is_refused() -> None:
    with pytest.raises(Missing):
        said(facts(notice=NL, announces=()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_belgian_reminder_names_creditor_number_description_and_deadline(language: str) -> None:
    texts = {channel: said(facts(language, notice=BE, announces=COSTS), channel) for channel in ("email", "letter")}
    named = (sample.CREDITOR["name"], sample.CREDITOR["legal_id"], *(str(debt.what) for debt in sample.DEBTS))
    amounts = (money(Decimal("1306.80"), "EUR", language), money(Decimal("48.40"), "EUR", language))
    for part in (*named, *amounts, *(day(debt.due, language) for debt in sample.DEBTS), *(debt.number for debt in sample.DEBTS)):
        assert part in texts["email"]
    assert words(language).texts["words"]["starts_email"] in texts["email"]
    assert words(language).texts["words"]["starts_post"] in texts["letter"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_clause_the_belgian_reminder_announces_nothing(language: str) -> None:
    text = said(facts(language, notice=BE, announces=()))
    assert "XIX" not in text
    assert str(sample.CREDITOR["legal_id"]) in text


def test_the_belgian_reminder_needs_number_and_description() -> None:
    bare = tuple(debt._replace(what=None) for debt in sample.DEBTS)
    for about in (facts(notice=BE, creditor={"legal_id": None}), facts(notice=BE, debts=bare)):
        with pytest.raises(Missing):
            said(about)
    assert said(facts(notice=NL, creditor={"legal_id": None}, debts=bare))


def test_a_notice_goes_by_the_names_of_the_law_whatever_the_document() -> None:
    for document in ("reminder", "aanmaning", "notice_of_default"):
        made = sample.facts(document, 3, "nl", notice=NL)
        assert words("nl").texts["within"]["document"] not in plain.text(content(made, "letter", "k"))


def test_a_payment_link_is_left_out_where_there_is_no_page() -> None:
    bare = sample.facts("reminder", 1, "nl", pay=None, portal=None)
    asked = sample.facts("reminder", 1, "nl", pay=None, portal=None, contents=("paylink",))
    assert content(asked, "email", "k").links == content(bare, "email", "k").links == ()
    assert [link.kind for link in content(sample.facts("reminder", 1, "nl"), "email", "k").links] == ["pay", "portal"]


def test_a_language_that_we_do_not_speak_is_english() -> None:
    assert content(sample.facts("reminder", 1, "sv"), "email", "k").language == "en"


def test_a_hand_over_says_what_was_done_and_how_it_was_computed() -> None:
    about = sample.facts("reminder", 4, "en", kind="handover", handover="collection_agency")
    charges = tuple(charge._replace(lines=("1210.00 × 8 %",)) for charge in about.action.charges)
    made = plain.dossier(about._replace(action=about.action._replace(charges=charges)), ["2026-11-01 email sent"])
    for part in ("collection_agency", "Bakery Janssens", "2026-11-01 email sent", "1210.00 × 8 %", "2026-0117"):
        assert part in made.text
