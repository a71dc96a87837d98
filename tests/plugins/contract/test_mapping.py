"""Records of an ERP as invoices: the ERP's own amounts, and everything in which they do not fit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import einvoice
from einvoice.report import Verdict
from einvoice_plugins import mapping
from einvoice_plugins.conformance import cases
from einvoice_plugins.records import Adjustment, Line, Record, Tax, Treatment

CASES = cases.cases()
CENT = Decimal("0.01")


def codes(record: Record) -> list[str]:
    return [found.code for found in mapping.invoice(record).mismatches]


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_valid_and_asks_for_what_the_ledger_leaves_open(name: str) -> None:
    record = CASES[name]
    mapped = mapping.invoice(record)
    assert mapped.fits
    xml = einvoice.write(mapped.invoice, profile="peppol")
    assert einvoice.validate(xml).verdict is Verdict.VALID
    read = einvoice.read(xml)
    assert read.totals is not None
    assert read.totals.amount_due == abs(record.ledger.open)
    assert read.totals.total_with_vat == abs(record.ledger.untaxed + record.ledger.tax)


@pytest.mark.parametrize("name", CASES)
def test_our_own_arithmetic_comes_to_the_same_breakdown(name: str) -> None:
    """The calculator starts from quantities and prices alone: an independent way to what the record states."""
    invoice = mapping.invoice(CASES[name]).invoice
    assert invoice.totals is not None
    bare = [line.model_copy(update={"net_amount": None}) for line in invoice.lines]
    kept = einvoice.Totals(paid_amount=invoice.totals.paid_amount, rounding_amount=invoice.totals.rounding_amount)
    if invoice.vat_accounting_currency_code:
        kept = kept.model_copy(update={"vat_in_accounting_currency": invoice.totals.vat_in_accounting_currency})
    draft = invoice.model_copy(update={"lines": tuple(bare), "vat_breakdown": (), "totals": kept})
    worked_out = einvoice.calculate(draft).invoice
    assert [line.net_amount for line in worked_out.lines] == [line.net_amount for line in invoice.lines]
    assert worked_out.totals is not None
    assert worked_out.totals.amount_due == invoice.totals.amount_due
    assert {(group.category_code, group.rate, group.tax_amount) for group in worked_out.vat_breakdown} == {
        (group.category_code, group.rate, group.tax_amount) for group in invoice.vat_breakdown
    }


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("field", "code"), [("untaxed", "untaxed"), ("tax", "tax"), ("total", "total"), ("open", "payable"), ("prepaid", "payable")]
)
def test_a_total_that_is_a_cent_off_is_named_and_never_mended(name: str, field: str, code: str) -> None:
    record = CASES[name]
    stated = getattr(record.ledger, field) + CENT
    wrong = record._replace(ledger=record.ledger._replace(**{field: stated}))
    mapped = mapping.invoice(wrong)
    assert code in [found.code for found in mapped.mismatches]
    assert mapped.invoice.totals is not None
    told = {"untaxed": "total_without_vat", "tax": "vat", "open": "amount_due", "prepaid": "paid_amount"}.get(field)
    assert told is None or abs(getattr(mapped.invoice.totals, told)) == abs(stated)


def test_an_unpaid_invoice_that_a_ledger_calls_paid_does_not_fit() -> None:
    """What Tryton's own writer states of an invoice that it has just posted."""
    record = CASES["plain"]
    wrong = record._replace(ledger=record.ledger._replace(prepaid=record.ledger.total, open=Decimal(0)))
    assert codes(wrong) == []  # consistent in itself, so only the ledger can tell
    honest = wrong._replace(ledger=wrong.ledger._replace(open=record.ledger.total))
    assert codes(honest) == ["payable"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"net": Decimal("349.98")}, "line-net"),
        ({"net": Decimal("350.00")}, "line-net"),
        ({"taxes": ()}, "line-taxes"),
        ({"taxes": (cases.STANDARD, cases.REDUCED)}, "line-taxes"),
        ({"taxes": (Tax(Decimal(0)),)}, "tax-category"),
        ({"taxes": (Tax(Decimal(21), Treatment.REVERSE_CHARGE),)}, "tax-rate"),
        ({"taxes": (Tax(Decimal(0), Treatment.EXEMPT),)}, "tax-reason"),
        ({"taxes": (cases.REDUCED,)}, "tax-base"),
        ({"per": Decimal(0)}, "line-per"),
    ],
)
def test_a_line_that_does_not_fit_is_named(change: dict[str, Any], code: str) -> None:
    record = CASES["plain"]
    found = mapping.invoice(record._replace(lines=(record.lines[0]._replace(**change),))).mismatches
    assert code in [each.code for each in found]
    assert found[0].at in (0, 1)


def test_other_contradictions_are_named() -> None:
    foreign = CASES["two currencies"]
    assert "home-tax" in codes(foreign._replace(ledger=foreign.ledger._replace(home_tax=None)))
    assert "sign" in codes(CASES["plain"]._replace(is_credit=True))
    charged = CASES["plain"]._replace(adjustments=(Adjustment(Decimal(5), "Freight"),))
    assert {"line-taxes", "untaxed"} <= set(codes(charged))


def test_half_a_cent_may_go_either_way() -> None:
    line = Line("Bread", Decimal("0.5"), Decimal("2.25"), Decimal("1.13"), (cases.REDUCED,))
    half_even = line._replace(net=Decimal("1.12"))
    assert codes(cases.record("1", [line])) == codes(cases.record("2", [half_even])) == []
    assert codes(cases.record("3", [line._replace(net=Decimal("1.11"))])) == ["line-net"]


def test_what_a_credit_note_credits_is_positive_and_no_price_is_negative() -> None:
    note = mapping.invoice(CASES["credit note"]).invoice
    assert note.type_code == "381"
    assert note.preceding_invoices[0].reference == "C-1"
    assert [(line.quantity, line.net_amount) for line in note.lines] == [(Decimal(1), Decimal("349.99"))]
    rebate = mapping.invoice(CASES["returned goods"]).invoice.lines[2]
    assert rebate.price is not None
    assert (rebate.price.net, rebate.quantity, rebate.net_amount) == (Decimal("10.00"), Decimal(-1), Decimal("-10.00"))


def test_two_currencies_state_the_tax_in_that_of_the_books() -> None:
    invoice = mapping.invoice(CASES["two currencies"]).invoice
    assert (invoice.currency_code, invoice.vat_accounting_currency_code) == ("USD", "EUR")
    assert invoice.totals is not None
    assert invoice.totals.vat_in_accounting_currency == Decimal("73.50")


def test_taxes_that_differ_in_nothing_that_en_16931_knows_are_one() -> None:
    goods, services = cases.STANDARD, cases.STANDARD._replace(notice="services")
    record = cases.record("1", [cases.line("Machine", "1", "100.00", goods), cases.line("Repair", "1", "50.00", services)])
    assert len(record.taxes) == 2
    mapped = mapping.invoice(record)
    assert mapped.fits
    assert [group.taxable_amount for group in mapped.invoice.vat_breakdown] == [Decimal(150)]


amounts = st.decimals("-5000", "5000", places=2)
lines = st.builds(
    lambda quantity, price, tax: cases.line("Thing", str(quantity), str(price), tax),
    st.decimals("-20", "20", places=3),
    amounts,
    st.sampled_from([cases.STANDARD, cases.REDUCED, cases.ZERO, cases.EXEMPT]),
)


@given(st.lists(lines, min_size=1, max_size=6))
def test_what_adds_up_has_no_mismatch_and_is_no_fatal_contradiction(sold: list[Line]) -> None:
    mapped = mapping.invoice(cases.record("1", sold))
    assert mapped.fits
    report = einvoice.validate(einvoice.write(mapped.invoice, profile="peppol"))
    assert not [found for found in report.findings if found.rule.startswith(("BR-CO", "BR-27"))]


@given(st.lists(lines, min_size=1, max_size=4), st.data())
def test_any_figure_that_is_changed_is_noticed(sold: list[Line], data: st.DataObject) -> None:
    record = cases.record("1", sold)
    shift = data.draw(amounts.filter(lambda amount: abs(amount) >= CENT))
    wrong = st.one_of(
        st.sampled_from(["untaxed", "tax", "total", "open", "prepaid", "rounding"]).map(
            lambda name: record._replace(ledger=record.ledger._replace(**{name: getattr(record.ledger, name) + shift}))
        ),
        st.integers(0, len(record.taxes) - 1).map(
            lambda at: record._replace(
                taxes=tuple(each._replace(base=each.base + shift) if at == n else each for n, each in enumerate(record.taxes))
            )
        ),
        st.integers(0, len(sold) - 1).map(
            lambda at: record._replace(
                lines=tuple(each._replace(net=each.net + shift) if at == n else each for n, each in enumerate(record.lines))
            )
        ),
    )
    assert not mapping.invoice(data.draw(wrong)).fits
