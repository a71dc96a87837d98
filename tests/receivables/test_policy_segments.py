"""The segment of a debtor: the first that fits, with what decided; none where a rate is missing."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from itertools import product

import pytest

from einvoice.errors import PolicyError
from einvoice.receivables.actions import Note
from einvoice.receivables.policy import Chosen, default, load, segment, skipped
from einvoice.receivables.policy.facts import Asking
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.segmenting import OTHERS, holds
from einvoice.receivables.snapshot import DebtorSnapshot
from tests.receivables.policy_debtors import DAY, debtor, expected, invoice, policy_of, random_debtor


def chosen(one: DebtorSnapshot, day: date = DAY) -> Chosen:
    found = segment(default(), one, day)
    assert isinstance(found, Chosen)
    return found


def test_every_debtor_has_one_segment_and_its_reason() -> None:
    rnd, seen = random.Random(7), Counter[str]()
    for _ in range(3000):
        one = random_debtor(rnd)
        found = chosen(one)
        assert found.segment == expected(one)
        assert found.flow == next(each.flow for each in default().segments if each.id == found.segment)
        assert found.because
        seen[found.segment] += 1
    assert set(seen) == {each.id for each in default().segments}


def test_the_reason_names_what_was_compared() -> None:
    large = chosen(debtor(invoices=(invoice(1, "12400", DAY),)))
    assert large.because == "party.kind = b2b, debtor.open = 12,400.00 > 10,000.00"
    assert chosen(debtor(score=30)).because == "party.score = 30 < 40"
    assert chosen(debtor(kind="b2c", born=date(2000, 1, 1))).because == "party.kind = b2c, party.age = 26 >= 18, party.age = 26 < 35"
    assert chosen(debtor(invoices=(invoice(1, 900, DAY),))).because == OTHERS


def test_the_reason_of_an_either_or_and_of_a_not() -> None:
    policy = policy_of(["party.score > 90 || party.region == 'north'", "!(party.size == 'large' || party.sector in ['food', 'care'])"])
    north = segment(policy, debtor(region="north"), DAY)
    neither = segment(policy, debtor(size="small", sector="steel"), DAY)
    assert isinstance(north, Chosen)
    assert isinstance(neither, Chosen)
    assert north.because == "party.region = north"
    assert neither.because == "party.size = small != large, party.sector = steel not in food, care"


@pytest.mark.parametrize(("kind", "asked"), list(product(["b2b", "b2c"], [True, False])))
def test_a_missing_rate_is_a_reason_to_wait_only_where_an_amount_decides(kind: str, asked: bool) -> None:
    one = debtor(kind=kind, score=None if asked else 90, country="NL", invoices=(invoice(1, 900, DAY, "USD"),))
    found = segment(default(), one, DAY)
    if asked or kind == "b2b":
        assert isinstance(found, Note)
        assert found.code == "no-rate"
        assert "USD" in found.text
    else:
        assert isinstance(found, Chosen)


def test_with_a_rate_it_counts() -> None:
    policy = load(default().text + "exchange: {USD: {rate: 0.9, on: 2026-11-01}}\n")
    for amount, name in (("11111.11", "nl"), ("11112", "b2b_large_amount")):
        found = segment(policy, debtor(invoices=(invoice(1, amount, DAY, "USD"),)), DAY)
        assert isinstance(found, Chosen)
        assert found.segment == name


def test_a_change_of_score_or_age_changes_the_segment() -> None:
    one = debtor(kind="b2c", born=date(1991, 12, 1), invoices=(invoice(1, 900, DAY),))
    assert [chosen(one, day).segment for day in (date(2026, 11, 30), date(2026, 12, 1))] == ["b2c_young", "b2c_old"]
    assert chosen(one._replace(score=39)).segment == "low_score"


def test_no_segment_at_all_is_an_error() -> None:
    with pytest.raises(PolicyError):
        segment(policy_of(["party.kind == 'b2c'"]), debtor(), DAY)


def test_channels_that_a_step_leaves_out() -> None:
    step = default().flows["international"].steps[1]
    assert skipped(default(), step, debtor(country="FR"), DAY, lambda country: country == "FR") == frozenset({"call"})
    assert skipped(default(), step, debtor(country="DE"), DAY, lambda country: country == "FR") == frozenset()
    amount = step.model_copy(update={"skip_channels_when": {"call": "debtor.open < 10"}})
    note = skipped(default(), amount, debtor(invoices=(invoice(1, 9, DAY, "USD"),)), DAY, lambda _: False)
    assert isinstance(note, Note)


def test_only_what_is_asked_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    one = debtor(kind="b2c", invoices=(invoice(1, 900, DAY, "USD"),))  # its amount cannot be told
    assert not holds(parse("party.kind == 'b2b' && debtor.open > 5"), Asking(one, DAY, "EUR", {}))
