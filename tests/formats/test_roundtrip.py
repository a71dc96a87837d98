"""The law of reading and writing: what is written reads back as it was, in both syntaxes."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from einvoice.formats.losses import losses
from einvoice.formats.reader import read
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import document_of, write, written
from einvoice.model import Invoice, Totals
from tests.formats.strategies import INVOICES
from tests.scale import scaled

QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)


def set_path(model: Any, path: list[str], value: object) -> Any:
    """The model with another value at a path."""
    name, *rest = path
    return model.model_copy(update={name: set_path(getattr(model, name), rest, value) if rest else value})


def writable(invoice: Invoice, syntax: Syntax) -> Invoice:
    """The invoice less what the syntax has no place for, with what it cannot be told apart without.

    UBL wants a VAT total above a breakdown. A total in accounting currency is known by that currency (BT-6, BR-53).
    """
    for loss in losses(invoice, document_of(invoice, syntax)):
        name = loss.path.partition("[")[0]
        invoice = set_path(invoice, name.split("."), () if "[" in loss.path else None)
    if syntax is Syntax.UBL and invoice.vat_breakdown and (invoice.totals is None or invoice.totals.vat is None):
        invoice = invoice.model_copy(update={"totals": (invoice.totals or Totals()).model_copy(update={"vat": Decimal(0)})})
    if invoice.vat_accounting_currency_code in (None, invoice.currency_code) and invoice.totals:
        invoice = set_path(invoice, ["totals", "vat_in_accounting_currency"], None)
    return Invoice.model_validate(invoice.model_dump())


def differences(examples: int, syntax: Syntax) -> Counter[str]:
    """Which terms of so many random invoices do not read back as they were written."""
    found: Counter[str] = Counter()

    @settings(QUIET, max_examples=examples, phases=[Phase.generate], database=None, derandomize=True)
    @given(INVOICES)
    def run(invoice: Invoice) -> None:
        invoice = writable(invoice, syntax)
        back = read(written(invoice, document_of(invoice, syntax)))
        found.update(name for name in Invoice.model_fields if getattr(back, name) != getattr(invoice, name))
        found.update(f"{unread.path} {unread.value!r} {unread.reason}" for unread in back.unread)

    run()
    return found


@pytest.mark.parametrize("syntax", list(Syntax))
def test_what_is_written_reads_back_equal(syntax: Syntax) -> None:
    assert differences(100, syntax) == Counter()


@pytest.mark.slow
@pytest.mark.parametrize("syntax", list(Syntax))
def test_many_invoices_read_back_equal(syntax: Syntax) -> None:
    assert differences(scaled(5_000), syntax) == Counter()


@QUIET
@given(INVOICES)
@pytest.mark.parametrize("syntax", list(Syntax))
def test_writing_is_deterministic(syntax: Syntax, invoice: Invoice) -> None:
    document = document_of(invoice, syntax)
    assert written(invoice, document) == written(Invoice.model_validate(invoice.model_dump()), document)


def test_json_is_the_same_invoice() -> None:
    invoice = Invoice(number="1", totals=Totals(amount_due=Decimal("12.50")))
    assert Invoice.model_validate_json(invoice.model_dump_json()) == invoice
    assert write(invoice) == write(Invoice.model_validate_json(invoice.model_dump_json()))
