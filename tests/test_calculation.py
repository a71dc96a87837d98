"""Calculating a draft whose prices exclude VAT: lines, allowances, VAT breakdown, totals, steps."""

from __future__ import annotations

from decimal import Decimal, localcontext
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from einvoice.calculation import Prices, Step, calculate
from einvoice.errors import CalculationError, Contradiction
from einvoice.model import Invoice, LineVAT, ProcessControl, Totals, VATBreakdown
from tests.arithmetic import broken, strict
from tests.drafts import drafts
from tests.scale import scaled

D = Decimal
EXTENSION = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
NONE: dict[str, Any] = {}


def line(**parts: Any) -> dict[str, Any]:
    return {"quantity": 1, "price": {"net": "10"}, "vat": {"category_code": "S", "rate": 21}} | parts


def draft(*lines: dict[str, Any], **parts: Any) -> Invoice:
    return Invoice.model_validate({"currency_code": "EUR", "lines": lines or [line()]} | parts)


def totals(invoice: Invoice) -> Totals:
    assert invoice.totals is not None
    return invoice.totals


@settings(max_examples=scaled(300), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(drafts())
def test_every_arithmetic_rule_holds_and_the_result_calculates_to_itself(draft: Invoice) -> None:
    result = calculate(draft).invoice
    assert broken(result) == []
    assert strict(result)
    assert calculate(result).invoice == result


@pytest.mark.parametrize(
    ("parts", "net"),
    [
        (NONE, "10.00"),
        ({"quantity": "2", "price": {"net": "3.50"}, "allowances": [{"amount": "0.10"}]}, "6.90"),
        ({"quantity": "3", "price": {"net": "1.005"}}, "3.02"),
        ({"quantity": "-1", "price": {"net": "0.005"}}, "-0.01"),
        ({"quantity": "250", "price": {"net": "19.90", "base_quantity": "100"}}, "49.75"),
        ({"quantity": "1", "price": {"net": "10", "base_quantity": "3"}}, "3.33"),
        ({"price": {"gross": "12", "discount": "2.50"}}, "9.50"),
        ({"price": {"gross": "12"}}, "12.00"),
        ({"charges": [{"base_amount": "50", "percentage": "2.5"}]}, "11.25"),
        ({"allowances": [{"amount": "1"}, {"amount": "0.5"}], "charges": [{"amount": "3"}]}, "11.50"),
        ({"quantity": "0"}, "0.00"),
    ],
)
def test_the_net_amount_of_a_line(parts: dict[str, Any], net: str) -> None:
    result = calculate(draft(line(**parts))).invoice
    assert str(result.lines[0].net_amount) == net
    assert broken(result) == []


def test_totals_of_two_rates_with_document_allowance_and_charge() -> None:
    result = calculate(
        draft(
            line(quantity=2),
            line(vat={"category_code": "S", "rate": 6}),
            allowances=[{"base_amount": "30", "percentage": "10", "vat_category_code": "S", "vat_rate": "21.00"}],
            charges=[{"amount": "5", "vat_category_code": "S", "vat_rate": 6}],
            totals={"paid_amount": "12", "rounding_amount": "0.03"},
        )
    ).invoice
    assert totals(result) == Totals(
        sum_of_line_net_amounts=D("30.00"),
        sum_of_allowances=D("3.00"),
        sum_of_charges=D("5.00"),
        total_without_vat=D("32.00"),
        vat=D("4.47"),
        total_with_vat=D("36.47"),
        paid_amount=D(12),
        rounding_amount=D("0.03"),
        amount_due=D("24.50"),
    )
    assert [(row.rate, row.taxable_amount, row.tax_amount) for row in result.vat_breakdown] == [
        (D(21), D("17.00"), D("3.57")),
        (D(6), D("15.00"), D("0.90")),
    ]
    assert broken(result) == []


@pytest.mark.parametrize(("category", "rate", "written", "tax"), [
    ("S", "21", "21", "2.10"), ("L", "7", "7", "0.70"), ("M", "4", "4", "0.40"), ("B", "22", "22", "2.20"),
    ("Z", None, "0", "0.00"), ("E", "0", "0", "0.00"), ("AE", None, "0", "0.00"), ("K", None, "0", "0.00"), ("G", None, "0", "0.00"),
    ("O", None, None, "0.00"),
])  # fmt: skip
def test_every_category_has_its_row(category: str, rate: str | None, written: str | None, tax: str) -> None:
    result = calculate(draft(line(vat={"category_code": category, "rate": rate}))).invoice
    [row] = result.vat_breakdown
    expected = None if written is None else D(written)
    assert (row.category_code, row.rate, row.tax_amount) == (category, expected, D(tax))
    assert result.lines[0].vat == LineVAT(category_code=category, rate=expected)
    assert broken(result) == []


def test_xrechnung_wants_a_rate_in_category_o_too() -> None:
    stated = draft(line(vat={"category_code": "O"}), process={"specification_identifier": XRECHNUNG})
    result = calculate(stated).invoice
    assert (result.vat_breakdown[0].rate, result.lines[0].vat) == (D(0), LineVAT(category_code="O"))


def test_stated_rows_keep_their_order_and_their_exemption() -> None:
    row = {"category_code": "AE", "exemption_reason": "Reverse charge", "exemption_reason_code": "VATEX-EU-AE"}
    result = calculate(draft(line(), line(vat={"category_code": "AE"}), vat_breakdown=[row])).invoice
    assert [found.category_code for found in result.vat_breakdown] == ["AE", "S"]
    assert result.vat_breakdown[0] == VATBreakdown.model_validate(row | {"taxable_amount": "10.00", "tax_amount": "0.00", "rate": 0})


def test_lines_are_numbered_and_keep_their_own_names() -> None:
    result = calculate(draft(line(), line(identifier="1"), line(), line(identifier="A", lines=[line(), line(identifier="x")]))).invoice
    assert [found.identifier for found in result.lines] == ["2", "1", "3", "A"]
    assert [found.identifier for found in result.lines[3].lines] == ["A.1", "x"]


def test_a_line_is_what_the_lines_within_it_add_up_to() -> None:
    outer = line(quantity=3, price={"net": "99"}, lines=[line(), line(lines=[line(quantity=2), line()])])
    result = calculate(draft(outer)).invoice
    assert (result.lines[0].net_amount, result.lines[0].lines[1].net_amount) == (D(40), D(30))
    assert totals(result).total_without_vat == D(40)


@pytest.mark.parametrize(("specification", "due"), [(None, "14.60"), (EXTENSION, "14.60"), (PEPPOL, "12.10")])
def test_third_party_payments_count_in_the_xrechnung_extension(specification: str | None, due: str) -> None:
    process = ProcessControl(specification_identifier=specification)
    result = calculate(draft(third_party_payments=[{"type": "Deposit", "amount": "2.50"}], process=process)).invoice
    assert totals(result).amount_due == D(due)


def test_vat_in_the_accounting_currency() -> None:
    stated = draft(line(quantity=7), vat_accounting_currency_code="SEK")
    converted = calculate(stated, exchange_rate=D("11.2345")).invoice
    assert totals(converted).vat_in_accounting_currency == D("165.15")
    kept = calculate(stated.model_copy(update={"totals": Totals(vat_in_accounting_currency=D("165.20"))})).invoice
    assert totals(kept).vat_in_accounting_currency == D("165.20")
    assert totals(calculate(draft(vat_accounting_currency_code="EUR")).invoice).vat_in_accounting_currency is None


@pytest.mark.parametrize(
    ("stated", "term", "path"),
    [
        (draft(currency_code=None), "BT-5", "currency_code"),
        (draft(lines=[]), "BG-25", "lines"),
        (draft(line(), line(price=None)), "BT-146", "lines[1].price.net"),
        (draft(line(price={"base_quantity": 2})), "BT-146", "lines[0].price.net"),
        (draft(line(quantity=None)), "BT-129", "lines[0].quantity"),
        (draft(line(price={"net": 1, "base_quantity": 0})), "BT-149", "lines[0].price.base_quantity"),
        (draft(line(vat=None)), "BT-151", "lines[0].vat.category_code"),
        (draft(line(vat={"category_code": "S"})), "BT-152", "lines[0].vat.rate"),
        (draft(line(lines=[line(), line(vat=None)])), "BT-151", "lines[0].lines[1].vat.category_code"),
        (draft(line(allowances=[{"reason": "Loyalty"}])), "BT-136", "lines[0].allowances[0].amount"),
        (draft(line(charges=[{"percentage": 10}])), "BT-142", "lines[0].charges[0].base_amount"),
        (draft(allowances=[{"amount": 1}]), "BT-95", "allowances[0].vat_category_code"),
        (draft(charges=[{"amount": 1, "vat_category_code": "S"}]), "BT-103", "charges[0].vat_rate"),
        (draft(charges=[{"amount": "1.005", "vat_category_code": "S", "vat_rate": 21}]), "BT-99", "charges[0].amount"),
        (draft(totals={"paid_amount": "0.001"}), "BT-113", "totals.paid_amount"),
        (draft(vat_accounting_currency_code="SEK"), "BT-111", "totals.vat_in_accounting_currency"),
        (draft(vat_breakdown=[{"category_code": "E"}]), "BG-23", "vat_breakdown[0]"),
        (draft(vat_breakdown=[{"category_code": "S", "rate": 21}, {"category_code": "S", "rate": "21.0"}]), "BG-23", "vat_breakdown[1]"),
    ],
)
def test_what_is_missing_is_named(stated: Invoice, term: str, path: str) -> None:
    with pytest.raises(CalculationError) as caught:
        calculate(stated)
    assert (caught.value.term, caught.value.path) == (term, path)
    assert not isinstance(caught.value, Contradiction)
    assert path in str(caught.value)


@pytest.mark.parametrize("rate", [1.5, "1,5", "NaN"])
def test_an_exchange_rate_is_an_exact_number(rate: Any) -> None:
    with pytest.raises(CalculationError) as caught:
        calculate(draft(vat_accounting_currency_code="SEK"), exchange_rate=rate)
    assert caught.value.term == "BT-111"


def test_an_exchange_rate_needs_another_currency() -> None:
    with pytest.raises(CalculationError) as caught:
        calculate(draft(), exchange_rate=D(2))
    assert caught.value.term == "BT-6"


@pytest.mark.parametrize("odd", [line(quantity="9" * 80), line(vat={"category_code": "S", "rate": -100})])
def test_what_cannot_be_added_up_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(CalculationError):
        calculate(draft(odd), prices="gross")


def test_steps_say_where_every_cent_comes_from() -> None:
    result = calculate(draft(line(quantity=2, price={"net": "3.50"}, allowances=[{"amount": "0.10"}])))
    assert result.steps[0] == Step("BT-131", "lines[0].net_amount", "2 × 3.50 − 0.10", D("6.90"), "PEPPOL-EN16931-R120")
    assert str(result.steps[0]) == "lines[0].net_amount (BT-131) = 2 × 3.50 − 0.10 = 6.90 [PEPPOL-EN16931-R120]"
    terms = [step.term for step in result.steps]
    assert terms == ["BT-131", "BT-116", "BT-117", "BT-106", "BT-109", "BT-110", "BT-112", "BT-115"]


@pytest.mark.parametrize("prices", ["net", "gross"])
def test_every_calculated_amount_has_its_step(prices: Prices) -> None:
    half = {"base_amount": 9, "percentage": 50}
    charge = half | {"vat_category_code": "S", "vat_rate": 6}
    result = calculate(draft(line(allowances=[half]), line(vat={"category_code": "E"}), charges=[charge]), prices=prices)
    assert broken(result.invoice) == []
    dumped = result.invoice.model_dump()
    for step in {step.path: step for step in result.steps}.values():  # the last one of a path has its value
        value: Any = dumped
        for part in step.path.replace("[", ".").replace("]", "").split("."):
            value = value[int(part)] if part.isdigit() else value[part]
        assert value == step.value, step
    amounts = {f"totals.{name}" for name, value in totals(result.invoice) if value is not None}
    assert amounts <= {step.path for step in result.steps}


def test_the_draft_stays_as_it_is_and_so_does_the_decimal_context() -> None:
    stated = draft(line(), line())
    before = stated.model_dump()
    with localcontext() as context:
        context.prec = 3
        assert totals(calculate(stated).invoice).amount_due == D("24.20")
        assert context.prec == 3
    assert stated.model_dump() == before


def test_nothing_is_invented() -> None:
    result = calculate(draft()).invoice
    assert result.lines[0].unit_code is None
    assert result.lines[0].item is None
    assert result.issue_date is None


def test_ten_lines_take_no_millisecond_and_more_lines_no_more_each() -> None:
    ten, thousand = (draft(*[line(quantity=number) for number in range(count)]) for count in (10, 1000))
    assert _milliseconds(ten, 20) < 5  # a busy machine included; the evidence measures it
    assert _milliseconds(thousand, 3) < 100 * 5


def _milliseconds(stated: Invoice, repeats: int) -> float:
    start = process_time()
    for _ in range(repeats):
        calculate(stated)
    return (process_time() - start) / repeats * 1000
