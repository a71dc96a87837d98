"""What `check` names: seeded gaps, segments out of reach, steps that are never taken; and nothing where nothing is."""

from __future__ import annotations

import pytest

from einvoice.receivables.policy import check, default, load, reasoning
from tests.receivables.policy_broken import SEEDED, SOUND
from tests.receivables.policy_debtors import policy_of


def codes(text: str) -> dict[str, int | None]:
    return {finding.code: finding.place.line for finding in check(load(text))}


def line(text: str, mark: str) -> int:
    return 1 + text[: text.index(mark)].count("\n")


def test_ours_has_nothing_amiss() -> None:
    assert check(default()) == ()


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


def test_where_it_is_too_much_to_work_through_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasoning, "MOST", 3)
    policy = policy_of(["party.score > 1 && party.age > 2", "debtor.open > 3 || party.size == 'large'", "party.country == 'NL'", "true"])
    assert [each.code for each in check(policy)] == ["undecided"]
