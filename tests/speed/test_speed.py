"""The benchmarks' own documents are sound, and the growth with size is held at every run, smaller than in the evidence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from lxml import etree

import einvoice
from einvoice.formats import guard, structure
from tests.speed import documents

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"


@pytest.mark.parametrize("lines", [1, 10, 100])
def test_the_totals_add_up(lines: int) -> None:
    root = etree.fromstring(documents.ubl(lines))
    [payable] = root.iter(f"{CBC}PayableAmount")
    [total] = root.findall(f"{{*}}LegalMonetaryTotal/{CBC}LineExtensionAmount")
    nets = [Decimal(net.text) for net in root.findall(f"{{*}}InvoiceLine/{CBC}LineExtensionAmount")]
    vats = [Decimal(vat.text) for vat in root.findall(f"{{*}}TaxTotal/{{*}}TaxSubtotal/{CBC}TaxAmount")]
    assert len(nets) == lines
    assert Decimal(total.text) == sum(nets)
    assert Decimal(payable.text) == sum(nets) + sum(vats)


def test_the_structure_is_valid_and_the_writer_keeps_every_line() -> None:
    assert not structure.check(guard.parse(documents.ubl(10)).root)
    invoice = einvoice.read(documents.ubl(10))
    assert len(invoice.lines) == 10
    assert not invoice.unread
    assert einvoice.read(einvoice.write(invoice, einvoice.Syntax.UBL)) == invoice


@pytest.mark.slow
@pytest.mark.parametrize("name", ["read_many_lines", "write_many_lines", "check_structure_of_many_lines", "memory_of_many_lines"])
def test_cost_grows_with_the_number_of_lines_only(name: str) -> None:
    from tests.speed import benchmarks

    result = getattr(benchmarks, name)()
    assert result.holds, result.value
