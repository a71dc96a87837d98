"""Posting: what is not valid or does not fit the ledger blocks, says why in the reader's language, and may be lowered to a warning."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import einvoice
from einvoice.errors import SettingsError
from einvoice.report import Severity, Verdict
from einvoice_plugins import checking, mapping, posting, words
from einvoice_plugins.conformance import cases
from einvoice_plugins.records import Record
from einvoice_validators.layers import HOMES, ruleset

CASES = cases.cases()
PLAIN = CASES["plain"]
NO_ADDRESS = PLAIN._replace(buyer=PLAIN.buyer._replace(electronic=None))
WRONG_UNIT = CASES["two rates"]._replace(
    lines=(*CASES["two rates"].lines[:2], CASES["two rates"].lines[2]._replace(unit="kilo")),
)
UNPAID_AS_PAID = PLAIN._replace(ledger=PLAIN.ledger._replace(prepaid=PLAIN.ledger.total))


def judged(record: Record, weigh: str = "block", language: str = "en", profile: str = "peppol") -> posting.Judged:
    return posting.judge(mapping.invoice(record), profile, weigh=weigh, language=language)


def test_a_valid_invoice_is_posted_and_may_be_sent() -> None:
    found = judged(PLAIN)
    assert (found.blocks, found.may_send, found.messages) == (False, True, ())
    assert found.xml is not None
    assert einvoice.validate(found.xml).verdict is Verdict.VALID
    assert posting.readable(found) == ""


@pytest.mark.parametrize(
    ("record", "rule"), [(NO_ADDRESS, "PEPPOL-EN16931-R010"), (WRONG_UNIT, "BR-CL-23"), (UNPAID_AS_PAID, "ledger-payable")]
)
def test_what_is_wrong_blocks_and_a_setting_lowers_it_but_it_is_never_sent(record: Record, rule: str) -> None:
    strict, lax = judged(record), judged(record, "warn")
    assert (strict.blocks, strict.may_send) == (True, False)
    assert (lax.blocks, lax.may_send) == (False, False)
    for found in (strict, lax):
        assert rule in {message.rule for message in found.messages if message.severity is Severity.FATAL}
        assert f"[{rule}]" in posting.readable(found)


def test_a_finding_of_a_line_names_the_line_and_its_page() -> None:
    (found,) = [message for message in judged(WRONG_UNIT).messages if message.rule == "BR-CL-23"]
    assert found.line == 3
    assert found.link == "https://docs.peppol.eu/poacc/billing/3.0/rules/ubl-tc434/BR-CL-23/"


def test_each_language_says_it_in_its_own_words() -> None:
    texts = {language: posting.readable(judged(NO_ADDRESS, language=language), language) for language in words.LANGUAGES}
    assert len(set(texts.values())) == 4
    assert posting.readable(judged(NO_ADDRESS, language="nl_BE"), "nl-BE") == texts["nl"]
    assert posting.readable(judged(NO_ADDRESS, language="es"), "es") == texts["en"]


@pytest.mark.parametrize("profile", ["xrechnung", "nlcius", "en16931", "peppol-selfbilling", "facturx-en16931"])
def test_a_finding_of_any_profile_has_a_page(profile: str) -> None:
    found = judged(NO_ADDRESS._replace(payment=None, currency="ABC"), profile=profile)
    rules = [message for message in found.messages if not message.rule.startswith(("ledger-", "not-judged"))]
    assert found.blocks
    assert all(message.link and message.link.startswith("https://") for message in rules)


def test_what_was_not_checked_blocks() -> None:
    found = judged(PLAIN, profile="ublbe")
    assert (found.blocks, found.may_send) == (True, False)
    assert [message.rule for message in found.messages] == ["not-judged"]
    assert not judged(PLAIN, "warn", profile="ublbe").may_send


def test_what_cannot_be_written_blocks_without_a_document() -> None:
    invoice = mapping.invoice(PLAIN).invoice
    lost = invoice.model_copy(update={"lines": (invoice.lines[0].model_copy(update={"lines": invoice.lines}),)})
    found = posting.judge(lost, "facturx-basicwl", syntax=einvoice.Syntax.CII)
    assert found.xml is None
    assert found.blocks
    assert [message.rule for message in found.messages] == ["unwritable"]


@pytest.mark.parametrize("weigh", ["block", "warn"])
def test_a_value_that_no_document_can_hold_is_a_message_with_its_place(weigh: str) -> None:
    empty, strange = PLAIN.lines[0]._replace(name=" "), PLAIN.lines[0]._replace(note="a\x0bb")
    record = PLAIN._replace(lines=(PLAIN.lines[0], empty, strange))
    found = posting.judge(record, weigh=weigh, language="nl")
    assert (found.blocks, found.may_send, found.xml) == (weigh == "block", False, None)
    assert [(message.rule, message.line, message.term) for message in found.messages] == [
        ("unwritable", 2, "BT-153"),
        ("unwritable", 3, "BT-127"),
    ]
    assert found.report.verdict is Verdict.NOT_JUDGED
    assert posting.judge(PLAIN).may_send


def test_a_profile_or_weight_that_nobody_knows_is_an_error() -> None:
    with pytest.raises((SettingsError, KeyError)):
        judged(PLAIN, profile="pepol")
    with pytest.raises(ValueError, match="perhaps"):
        judged(PLAIN, "perhaps")


def test_words_are_whole_and_hold_the_same_places_in_each_language() -> None:
    for subject in ("mismatches", "posting"):
        for key, told in words.table(subject).items():
            assert set(told) == set(words.LANGUAGES), key
            places = {tuple(sorted(set(re.findall(r"{\w+}", text)))) for text in told.values()}
            assert len(places) == 1, key


def test_translated_rules_exist_and_each_is_in_three_languages() -> None:
    known = frozenset[str]().union(*(ruleset(name).ids for name in HOMES))
    for key, told in words.table("rules").items():
        assert key in known
        assert set(told) == {"nl", "de", "fr"}


def test_every_mismatch_has_words() -> None:
    text = Path(checking.__file__).read_text("utf-8")
    named = set(re.findall(r'Mismatch\("([a-z-]+)"', text)) | set(re.findall(r'\("([a-z]+)", "BT-\d+", ledger', text))
    assert named == set(words.table("mismatches"))
