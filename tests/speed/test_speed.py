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


@pytest.mark.peers
def test_the_peers_do_the_same_work_on_the_same_bytes() -> None:
    pytest.importorskip("eu_einvoice", reason="the extra `peers` is not installed")
    pytest.importorskip("facturx", reason="the extra `peers` is not installed")
    from tests.speed import peers

    data = documents.ubl(10)
    read = {name: work() for name, work in peers.reading(data).items()}
    assert len(read["eu-einvoice"][0]["lines"]) == len(read["factur-x"]["BG-25"]) == 10
    for write in peers.writing(data).values():
        assert len(einvoice.read(write()).lines) == 10
    assert all(check() is True for check in peers.checking(etree.fromstring(data)).values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["read_many_lines", "write_many_lines", "check_structure_of_many_lines", "memory_of_many_lines"])
def test_cost_does_not_grow_with_the_square_of_the_lines(name: str) -> None:
    """Ten times the lines would cost ten times as much a line; the bar itself, on a quiet machine, is the evidence's."""
    from tests.speed import benchmarks

    result = getattr(benchmarks, name)()
    assert result.ours <= 2 * result.bar, result.value


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hundred_thousand_lines", "fifty_thousand_lines_of_cii", "memory"])
def test_a_check_does_not_grow_with_the_square_of_the_lines_either(name: str) -> None:
    from tests.speed import checking

    try:
        result = getattr(checking, name)()
    except FileNotFoundError as absent:
        pytest.skip(str(absent))
    assert result.ours <= 2 * result.bar, result.value
