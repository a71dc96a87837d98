"""What messages say: every document, firmness, voice, language and channel; amounts, numbers and days; what is missing."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from babel.numbers import format_currency
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from einvoice.receivables.documents import plain, sample
from einvoice.receivables.documents.agreements import Agreement
from einvoice.receivables.documents.compose import content
from einvoice.receivables.documents.compose_papers import Booked, statement
from einvoice.receivables.documents.parties import Missing
from einvoice.receivables.documents.templates_check import _flat, ours
from einvoice.receivables.documents.words import LANGUAGES, WITHOUT, day, fields, money, words
from einvoice.receivables.policy.model import SEVERE
from tests.receivables.words_said import CONSEQUENCES, GSM, Way, common, facts, owed, papers, said, voices, ways, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_is_said_in_every_way(language: str) -> None:
    tried = [way for way in ways() if way.language == language and way.channel in ("email", "letter", "sms")]
    faults = {way: [*wrong(said(way), facts(way))] for way in tried}
    assert not {way: found for way, found in faults.items() if found}
    assert len(faults) == 5 * 6 * len(voices()) * 3


def test_every_document_that_is_no_actions_is_said_in_every_way() -> None:
    assert not {way: found for way in papers() if (found := [*common(said(way))])}


@given(owed())
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_message_states_everything(about: Any) -> None:
    made = content(about, "sms", "k")
    assert [*wrong(made, about)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_keys_of_english_and_its_placeholders_or_fewer(language: str) -> None:
    own, english = (dict(_flat(words(name).texts)) for name in (language, "en"))
    assert own.keys() == english.keys()
    assert not {key: fields(text) for key, text in own.items() if not set(fields(text)) <= set(fields(english[key]))}
    assert all(isinstance(text, str) and text.strip() == text and text for text in own.values())
    assert not [key for key, text in own.items() if any(form or how for _, _, form, how in Formatter().parse(text))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_messages_use_the_characters_that_cost_least(language: str) -> None:
    found = ours()[language]
    texts = {key: text for key, text in found.texts.items() if key[-2:-1] == ("short",) or key[-1].partition(WITHOUT)[0] == "short"}
    assert len(texts) > 30
    assert not {key: sorted(set(text) - GSM) for key, text in texts.items() if not set(text) <= GSM}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("voice", voices())
def test_what_is_not_firm_speaks_of_no_consequences(language: str, voice: str | None) -> None:
    for firmness in (-1, 0, 1, 2):
        made = said(Way("reminder", firmness, voice, language, "email"))
        everything = f"{made.subject} {plain.text(made)} {made.short} {made.spoken}".lower()
        assert not [word for word in CONSEQUENCES[language] if word in everything]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_threat_is_never_one(language: str) -> None:
    for firmness in range(5):
        made = said(Way("reminder", firmness, "no_threat", language, "email"))
        assert not [
            word for word in CONSEQUENCES[language] if word in f"{made.subject} {plain.text(made)} {made.short} {made.spoken}".lower()
        ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_firmness_and_voice_are_heard(language: str) -> None:
    openings = defaultdict(set)
    for voice in voices():
        for firmness in range(-1, 5):
            openings[voice].add(said(Way("reminder", firmness, voice, language, "email")).opening[0])
    assert {voice: len(found) for voice, found in openings.items() if len(found) != 6} == {}
    base = openings.pop(None)
    assert not [voice for voice, found in openings.items() if not found - base]
    manners = {said(Way("reminder", 1, voice, language, "call")).script.splitlines()[0] for voice in voices()}
    assert len(manners) == len(voices())


def test_a_combined_voice_speaks_from_its_parts() -> None:
    made = said(Way("reminder", 1, "personal_solution", "en", "email"))
    assert made.greeting == "Dear Ann,"
    assert made.opening[0] == words("en").texts["voice"]["personal"]["opening"]["1"]
    assert words("en").texts["voice"]["solution"]["remark"] in made.remarks


@pytest.mark.parametrize(
    ("document", "firmness", "changes"),
    [
        ("reminder", 2, {}),
        ("aanmaning", 0, {}),
        ("reminder", 0, {"notice": "nl-14-day-letter"}),
        ("reminder", 0, {"handover": "agency"}),
    ],
)
def test_humour_is_dropped_from_what_is_firm(document: str, firmness: int, changes: dict[str, Any]) -> None:
    made = [content(sample.facts(document, firmness, "nl", voice=voice, **changes), "letter", "k") for voice in ("humour", None)]
    assert made[0] == made[1]
    light = [content(sample.facts("reminder", 0, "nl", voice=voice), "letter", "k") for voice in ("humour", None)]
    assert light[0].opening != light[1].opening


def test_humour_is_dropped_after_a_dispute() -> None:
    about = sample.facts("reminder", 0, "nl", voice="humour")
    answer = Agreement("answer", "rejected", date(2026, 10, 1), (1,), "", date(2026, 10, 3))
    assert content(about._replace(agreements=(answer,)), "email", "k").greeting.startswith("Beste ")


@pytest.mark.parametrize(
    ("creditor", "changes", "document", "channel"),
    [
        ({"iban": None}, {}, "reminder", "email"),
        ({"email": None, "phone": None}, {}, "reminder", "email"),
        ({"phone": None}, {"contents": ("call_options",)}, "reminder", "email"),
        ({"name": ""}, {}, "reminder", "email"),
        ({"legal_id": None}, {"notice": "be-free-reminder"}, "reminder", "email"),
        ({}, {"notice": "xx-unknown"}, "reminder", "letter"),
        ({}, {"contents": ("xx",)}, "reminder", "letter"),
        ({}, {}, "xx", "letter"),
    ],
)
def test_a_missing_field_is_named(creditor: dict[str, Any], changes: dict[str, Any], document: str, channel: str) -> None:
    for language in LANGUAGES:
        about = sample.facts(document, 1, language, creditor={**sample.CREDITOR, **creditor}, **changes)
        with pytest.raises(Missing) as caught:
            content(about, channel, "k")
        assert caught.value.field


def test_a_notice_of_costs_names_its_own_deadline_and_none_besides() -> None:
    for language in LANGUAGES:
        about = sample.facts("statutory_notice", 3, language, notice="nl-14-day-letter")
        made = content(about, "letter", "k")
        assert money(Decimal("219.62"), "EUR", language) in plain.text(made)
        firm = content(sample.facts("reminder", 2, language, notice="be-free-reminder"), "email", "k")
        assert words(language).texts["within"]["reminder"] not in plain.text(firm)


def test_the_same_facts_say_the_same_and_the_code_follows_the_key() -> None:
    about = facts(Way("reminder", 1, "friendly", "de", "email"))
    assert content(about, "email", "k") == content(about, "email", "k")
    first, second = (content(about, "email", key) for key in ("k", "l"))
    assert first.code != second.code
    assert first.template == second.template
    assert content(about._replace(creditor={**about.creditor, "secret": ""}), "email", "k").check == ""


def test_a_statement_adds_up() -> None:
    rows = [Booked(date(2026, 10, 2), "invoice", "F1", Decimal("100.00")), Booked(date(2026, 10, 9), "payment", "", Decimal("-30.00"))]
    made = statement(sample.party("en"), rows, date(2026, 10, 1), date(2026, 10, 31), Decimal("5.00"))
    assert [line.cells[-1] for line in made.table.lines] == ["€5.00", "€100.00", "-€30.00", "€75.00"] if made.table else False
    assert made.transfer is not None
    assert made.transfer.amount == Decimal("75.00")
    paid = statement(sample.party("en"), rows, date(2026, 10, 1), date(2026, 10, 31), Decimal("-70.00"))
    assert paid.transfer is None
    assert paid.opening != made.opening


@given(
    st.decimals("-10000000", "10000000", places=4),
    st.sampled_from(["EUR", "SEK", "JPY", "KWD", "CHF", "GBP", "USD", "HUF"]),
    st.sampled_from(LANGUAGES),
)
@settings(max_examples=300, deadline=None)
def test_amounts_are_written_as_babel_writes_them(amount: Decimal, currency: str, language: str) -> None:
    assert money(amount, currency, language) == format_currency(amount, currency, locale="en_GB" if language == "en" else language)


def test_days_are_written_as_people_write_them() -> None:
    assert [day(date(2026, 9, 1), language) for language in LANGUAGES] == [
        "1 September 2026",
        "1 september 2026",
        "1. September 2026",
        "1er septembre 2026",
    ]


def test_severe_documents_have_their_own_words() -> None:
    assert set(SEVERE) <= words("en").texts["opening"].keys() & words("en").texts["subject"].keys() & words("en").texts["short"].keys()
