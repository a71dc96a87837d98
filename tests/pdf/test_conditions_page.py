"""The page of the conditions is that of the code, and what is not looked at is said."""

from __future__ import annotations

from pathlib import Path

from einvoice.pdf.conditions import all_conditions, page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_that_of_the_code() -> None:
    assert (DOCS / "container.md").read_text("utf-8") == page.page()


def test_every_test_of_the_profile_is_a_condition_or_said_to_be_unseen() -> None:
    tests, unseen = page.profile()
    looked_at = {each.id.removeprefix("PDFA-") for each in all_conditions() if each.id.startswith("PDFA-")}
    assert len(set(tests)) == len(tests) == 146
    assert looked_at | set(unseen) == set(tests)
    assert not looked_at & set(unseen)
    assert all(unseen.values())
