"""What `check` names: seeded gaps, segments out of reach, steps that are never taken; and nothing where nothing is."""

from __future__ import annotations

import pytest

from einvoice.receivables.policy import check, default, load
from tests.receivables.policy_broken import SOUND
from tests.receivables.policy_debtors import policy_of


def codes(text: str) -> dict[str, int | None]:
    return {finding.code: finding.place.line for finding in check(load(text))}


def line(text: str, mark: str) -> int:
    return 1 + text[: text.index(mark)].count("\n")


def test_ours_has_nothing_amiss() -> None:
    assert check(default()) == ()


SEEDED = (
    ("party.kind == 'b2b' && debtor.open > 500", "party.kind == 'b2b' && party.kind == 'b2c'", "contradiction", "companies"),
    ("party.kind == 'b2b' && debtor.open > 500", "party.score < 0", "contradiction", "companies"),
    ('  - {id: rest, when: "true"', '  - {id: all, when: "true", flow: soft}\n  - {id: rest, when: "true"', "unreachable-segment", "rest"),
    (
        '  - {id: rest, when: "true"',
        '  - {id: late, when: "party.kind == \'b2b\' && debtor.open >= 501", flow: soft}\n  - {id: rest, when: "true"',
        "unreachable-segment",
        "late",
    ),
    ("flow: hard}", "flow: soft}", "unused-flow", "  hard:"),
    ("{id: h3, offset: 14, all_of: [letter],", "{id: h3, offset: 14, final: true, all_of: [letter],", "unreachable-step", "id: h4"),
    ("[email], firmness: 1, voice: humour_light", "[peppol], firmness: 1", "", ""),
    (
        'any_of: [whatsapp, sms], firmness: 2, skip_channels_when: {sms: "country.no_call"}',
        'any_of: [sms], skip_channels_when: {sms: "true"}',
        "impossible-channels",
        "id: h2",
    ),
    ("{id: h3, offset: 14, all_of: [letter], lang: [party.lang, en]}\n    - ", "", "", ""),
    ("limits:\n", "limits:\n  min_contacts_before_collection: 5\n", "handover-never", "id: h4"),
    ("offset: 14", "offset: 9", "step-too-soon", "id: h3"),
    ("{id: s1, offset: 0, all_of: [email]}", "{id: s1, offset: 0, all_of: [letter], document: aanmaning}", "severe-first", "id: s1"),
)


@pytest.mark.parametrize(("old", "new", "code", "mark"), SEEDED, ids=[f"{place}-{each[2]}" for place, each in enumerate(SEEDED)])
def test_a_seeded_fault_is_named_with_its_line(old: str, new: str, code: str, mark: str) -> None:
    text = SOUND.replace(old, new, 1)
    assert text != SOUND
    assert codes(text) == ({code: line(text, mark)} if code else {})


def test_who_takes_the_debtors_of_a_segment_out_of_reach_is_named() -> None:
    policy = policy_of(
        ["party.kind == 'b2b'", "party.kind == 'b2c'", "party.age > 3", "party.kind == 'b2b' || party.kind == 'b2c'", "true"]
    )
    (found,) = check(policy)
    assert found.code == "unreachable-segment"
    assert found.place.path == ("segments", 3, "when")
    assert "s0, s1;" in str(found)


def test_a_gap_is_named_with_a_debtor_that_falls_into_it() -> None:
    policy = policy_of(["party.score < 40", "party.score >= 40"])
    found = {each.code: each for each in check(policy)}
    assert set(found) == {"no-catch-all", "gap"}
    assert "party.score = null" in found["gap"].text


def test_two_segments_that_share_everybody_need_no_third() -> None:
    policy = policy_of(["party.score < 40", "party.score >= 40 || party.score == null"])
    assert [each.code for each in check(policy)] == ["no-catch-all"]


def test_peppol_alone_reaches_no_consumer() -> None:
    text = SOUND.replace("party.kind == 'b2b' && debtor.open > 500", "party.kind == 'b2c'")
    assert codes(text.replace("[email], firmness: 1, voice: humour_light", "[peppol], firmness: 1")) == {
        "impossible-channels": line(text, "id: h1")
    }
