"""Published invoices, read and written: every value kept or listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.errors import UnsafeXML
from tests.agreement.journeys import KNOWN, NO_DATE, NO_LINES, journey
from tests.corpora import Case, cases


def valid_invoices(corpora: Path) -> list[Case]:
    """Every invoice that its official rule sets call valid (other documents have a folder of their own)."""
    return [case for case in cases(corpora) if case.valid and case.path.parent.name != "peppol-response"]


def hold(case: Case) -> None:
    try:
        way = journey(case)
    except UnsafeXML:
        return
    assert not +way.same or list(way.same) == ["VAT"], case.path
    assert not +way.cross or list(way.cross) == ["VAT"], case.path
    assert set(way.invalid) <= {NO_DATE, NO_LINES}, case.path
    assert set(way.unexplained) <= set(KNOWN), case.path


def test_a_sample_of_the_valid_invoices_keeps_every_value(corpora: Path) -> None:
    for case in valid_invoices(corpora)[::25]:
        hold(case)


@pytest.mark.slow
def test_every_valid_invoice_keeps_every_value(corpora: Path) -> None:
    for case in valid_invoices(corpora):
        hold(case)
