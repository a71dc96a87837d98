"""What `check` says of segments, held against debtors: no gap that none falls into, no segment unreachable that one reaches."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.reasoning import can_hold, is_always
from tests.receivables.policy_debtors import conditions
from tests.receivables.policy_reasoned import agrees
from tests.scale import scaled


@settings(max_examples=80, deadline=None)
@given(st.lists(conditions(), min_size=1, max_size=5))
def test_segments_reach_exactly_the_debtors_there_are(texts: list[str]) -> None:
    agrees(texts, 30)


@pytest.mark.slow
def test_segments_reach_exactly_the_debtors_there_are_at_length() -> None:
    @settings(max_examples=scaled(5000), deadline=None)
    @given(st.lists(conditions(), min_size=1, max_size=8))
    def at_length(texts: list[str]) -> None:
        agrees(texts, 100)

    at_length()


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("true", "always"),
        ("party.score == null || party.score != null", "always"),
        ("party.score >= 40 || party.score < 40", "sometimes"),  # a debtor without a score
        ("party.kind in ['b2b', 'b2c', 'public']", "always"),
        ("!(party.loyalty == 'new') || party.relation_days < 365", "always"),
        ("party.frequency == 'one_off' && debtor.invoices > 1", "never"),
        ("party.loyalty == 'loyal' && party.relation_days < 1825", "never"),
        ("party.age > 17 && party.age < 18", "never"),  # whole years
        ("debtor.open > 17 && debtor.open < 18", "sometimes"),
        ("party.score > 100", "never"),
        ("debtor.days_overdue == 0 && debtor.overdue > 0", "never"),
        ("debtor.mean_days_late == null && debtor.late_share == 0.5", "never"),
        ("debtor.invoices_per_year > 3 && debtor.invoices < 3", "never"),
        ("party.customer_since < 2020-01-01 && party.customer_since >= 2020-01-01", "never"),
        ("party.customer_since <= 2020-01-01 && party.customer_since >= 2020-01-01", "sometimes"),
    ],
)
def test_what_holds_always_sometimes_never(text: str, holds: str) -> None:
    found = "always" if is_always(text) else "sometimes" if can_hold(parse(text)) else "never"
    assert found == holds
