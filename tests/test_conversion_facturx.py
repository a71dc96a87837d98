"""The levels of Factur-X: a document has what its level has and nothing else, and whatever is left out is listed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from einvoice import paths
from einvoice.conversion import convert
from einvoice.errors import Unwritable
from einvoice.formats.detect import detect
from einvoice.formats.levels_page import FILE, page
from einvoice.formats.reader import read
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.model import Invoice, PrecedingInvoice
from einvoice.samples import sample
from einvoice_schemas.structure.facturx import NAMES, level
from tests.facturx import LEVELS, outside, unaccounted
from tests.formats.strategies import INVOICES
from tests.formats.test_roundtrip import QUIET, writable
from tests.scale import scaled

MINIMUM = {
    "BT-1", "BT-2", "BT-3", "BT-5", "BT-10", "BT-13", "BT-23", "BT-24", "BT-27", "BT-30", "BT-30-1", "BT-31", "BT-32", "BT-40",
    "BT-44", "BT-47", "BT-47-1", "BT-109", "BT-110", "BT-112", "BT-115",
}  # fmt: skip
"""The terms of MINIMUM, typed by hand from the specification (Factur-X 1.0, annex: business terms by profile)."""


def changed(invoice: Invoice, **changes: Any) -> Invoice:
    return Invoice.model_validate({**invoice.model_dump(), **changes})


def terms(invoice: Invoice) -> set[str | None]:
    return {value.term for value in paths.values(invoice)}


@pytest.mark.parametrize("credit_note", [False, True])
@pytest.mark.parametrize("profile", LEVELS)
def test_a_document_names_its_level_and_says_what_it_leaves_out(profile: str, credit_note: bool) -> None:
    own = sample(credit_note=credit_note)
    converted = convert(write(own, Syntax.UBL), Syntax.CII, profile=profile)
    assert detect(converted.data).profile == {"facturx-en16931": "en16931"}.get(profile, profile)
    assert unaccounted(own, converted) == {}


def test_minimum_has_the_terms_that_its_specification_names() -> None:
    converted = convert(sample(), Syntax.CII, profile="facturx-minimum")
    assert terms(read(converted.data)) == MINIMUM & terms(sample())
    assert {loss.term for loss in converted.losses}.isdisjoint(MINIMUM)


def test_a_line_is_one_loss_where_the_level_has_none() -> None:
    for profile in ("facturx-minimum", "facturx-basicwl"):
        lines = [loss for loss in convert(sample(), Syntax.CII, profile=profile).losses if loss.path.startswith("lines")]
        assert [(loss.term, loss.path) for loss in lines] == [("BG-25", f"lines[{position}]") for position in range(len(sample().lines))]
        assert all(line.item and line.item.name and line.item.name in loss.value for line, loss in zip(sample().lines, lines, strict=True))


def test_a_value_is_one_loss_where_its_group_stays() -> None:
    losses = {loss.path: loss for loss in convert(sample(), Syntax.CII, profile="facturx-basic").losses}
    assert losses["lines[0].item.country_of_origin"].term == "BT-159"
    assert losses["lines[0].item.country_of_origin"].value == "BE"
    assert "BASIC" in losses["lines[0].item.country_of_origin"].reason
    assert "lines[0].item.name" not in losses


def test_the_full_levels_lose_nothing() -> None:
    for profile in ("facturx-en16931", "facturx-extended", "xrechnung"):
        assert convert(sample(), Syntax.CII, profile=profile).losses == ()
        assert read(write(sample(), Syntax.CII, profile=profile)).lines == sample().lines


@pytest.mark.parametrize("profile", ["facturx-minimum", "facturx-basicwl", "facturx-basic"])
def test_writing_refuses_what_converting_lists(profile: str) -> None:
    with pytest.raises(Unwritable) as refused:
        write(sample(), Syntax.CII, profile=profile)
    listed = [loss for loss in convert(sample(), Syntax.CII, profile=profile).losses if loss.term]
    assert list(refused.value.losses) == listed


@pytest.mark.parametrize("profile", NAMES)
def test_what_a_level_has_can_be_written_and_converted_again(profile: str) -> None:
    once = convert(sample(), Syntax.CII, profile=profile)
    assert write(read(once.data), Syntax.CII, profile=profile) == once.data
    again = convert(once.data, Syntax.CII, profile=profile)
    assert (again.data, again.losses) == (once.data, ())


def test_without_a_profile_everything_is_written() -> None:
    own = convert(sample(), Syntax.CII, profile="facturx-minimum").data
    named = read(own).process
    everything = write(changed(sample(), process=named), Syntax.CII)
    assert read(everything).lines == sample().lines


def test_what_the_level_demands_empty_stays_and_nothing_is_invented() -> None:
    bare = convert(Invoice(number="1"), Syntax.CII, profile="facturx-minimum").data
    delivery = etree.fromstring(bare).find(".//{*}ApplicableHeaderTradeDelivery")
    assert delivery is not None
    assert len(delivery) == 0
    assert terms(read(bare)) == {"BT-1", "BT-24"}


def test_preceding_invoices_all_stand_where_the_level_lets_them() -> None:
    preceding = tuple(PrecedingInvoice(reference=name) for name in ("A-1", "A-2", "A-3"))
    own = changed(sample(), preceding_invoices=preceding)
    for profile in NAMES[1:]:
        root = etree.fromstring(convert(own, Syntax.CII, profile=profile).data)
        assert root.findall(".//{*}AdditionalReferencedDocument[{*}Name='Preceding invoice (BG-3)']") == []
        assert len(root.findall(".//{*}InvoiceReferencedDocument")) == 3
        assert read(etree.tostring(root)).preceding_invoices == preceding


def test_a_total_in_another_currency_goes_with_that_currency() -> None:
    own = changed(sample(), vat_accounting_currency_code="USD")
    own = changed(own, totals={**own.model_dump()["totals"], "vat_in_accounting_currency": Decimal("110.00")})
    minimum = convert(own, Syntax.CII, profile="facturx-minimum")
    assert {"BT-6", "BT-111"} <= {loss.term for loss in minimum.losses}
    assert len(etree.fromstring(minimum.data).findall(".//{*}TaxTotalAmount")) == 1
    assert {loss.term for loss in convert(own, Syntax.CII, profile="facturx-basicwl").losses}.isdisjoint({"BT-6", "BT-111"})


def test_what_is_no_term_of_the_norm_is_left_out_but_refuses_nothing() -> None:
    contact = {"point": "A", "department": "Sales"}
    own = changed(sample(), seller={**sample().model_dump()["seller"], "contact": contact})
    (loss,) = convert(own, Syntax.CII, profile="facturx-en16931").losses
    assert (loss.term, loss.path) == (None, "seller.contact.department")
    assert b"DepartmentName" not in write(own, Syntax.CII, profile="facturx-en16931")
    assert b"DepartmentName" in write(own, Syntax.CII, profile="en16931")


def test_codes_of_what_is_left_out_are_listed_once() -> None:
    line = sample().lines[0].model_copy(update={"unit_code": "nonsense"})
    own = sample().model_copy(update={"lines": (line,)})
    by_level = {profile: convert(own, Syntax.CII, profile=profile).losses for profile in ("facturx-minimum", "facturx-en16931")}
    by_level = {profile: tuple(loss for loss in losses if "lines[0]" in loss.path) for profile, losses in by_level.items()}
    assert [loss.path for loss in by_level["facturx-minimum"]] == ["lines[0]"]
    assert [loss.path for loss in by_level["facturx-en16931"]] == ["lines[0].unit_code"]


def property_of(profile: str, examples: int) -> None:
    """Random invoices at a level: nothing outside it, no value without an account of it."""
    shape = level(profile)
    assert shape is not None

    @settings(QUIET, max_examples=examples)
    @given(INVOICES)
    def holds(invoice: Invoice) -> None:
        own = writable(invoice, Syntax.CII)
        converted = convert(own, Syntax.CII, profile=profile)
        assert unaccounted(own, converted) == {}
        assert [*outside(etree.fromstring(converted.data), shape)] == []

    holds()


@pytest.mark.parametrize("profile", NAMES)
def test_any_invoice_stays_within_its_level_and_loses_nothing_silently(profile: str) -> None:
    property_of(profile, 40)


@pytest.mark.slow
@pytest.mark.parametrize("profile", NAMES)
def test_many_invoices_stay_within_their_level(profile: str) -> None:
    property_of(profile, scaled(2_000))


def test_the_page_of_the_levels_is_current() -> None:
    assert (Path(__file__).parents[1] / "docs" / FILE).read_text("utf-8") == page(), "CONTRIBUTING.md says what writes the page"


def test_the_page_counts_what_the_specification_lists_for_minimum() -> None:
    rows = [line.split(" | ") for line in page().splitlines() if line.startswith("| BT-")]
    assert {row[0].removeprefix("| ") for row in rows if row[2] == "✓"} == MINIMUM
