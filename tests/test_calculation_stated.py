"""Amounts that a draft states: verified, kept within the tolerance, a contradiction beyond it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from einvoice.calculation import TOLERANCES, Rounding, calculate
from einvoice.errors import Contradiction
from einvoice.model import Invoice
from tests.arithmetic import broken
from tests.test_calculation import PEPPOL, XRECHNUNG, draft, line, totals

D = Decimal
TENTH = {"base_amount": 10, "percentage": 10}
ACCOUNTING = "vat_in_accounting_currency"


def row(**parts: Any) -> dict[str, Any]:
    return {"category_code": "S", "rate": 21} | parts


@pytest.mark.parametrize(
    ("stated", "term", "path", "given", "calculated"),
    [
        (draft(line(net_amount="10.03")), "BT-131", "lines[0].net_amount", "10.03", "10.00"),
        (draft(line(allowances=[TENTH | {"amount": "1.03"}])), "BT-136", "lines[0].allowances[0].amount", "1.03", "1.00"),
        (draft(line(), vat_breakdown=[row(taxable_amount="10.01")]), "BT-116", "vat_breakdown[0].taxable_amount", "10.01", "10.00"),
        (draft(line(), vat_breakdown=[row(tax_amount="3.10")]), "BT-117", "vat_breakdown[0].tax_amount", "3.10", "2.10"),
        (draft(totals={"sum_of_line_net_amounts": "10.01"}), "BT-106", "totals.sum_of_line_net_amounts", "10.01", "10.00"),
        (draft(totals={"sum_of_allowances": "1"}), "BT-107", "totals.sum_of_allowances", "1", "0.00"),
        (draft(totals={"sum_of_charges": "1"}), "BT-108", "totals.sum_of_charges", "1", "0.00"),
        (draft(totals={"total_without_vat": "9.99"}), "BT-109", "totals.total_without_vat", "9.99", "10.00"),
        (draft(totals={"vat": "2.11"}), "BT-110", "totals.vat", "2.11", "2.10"),
        (draft(totals={"total_with_vat": "12"}), "BT-112", "totals.total_with_vat", "12", "12.10"),
        (draft(totals={"amount_due": "12.11"}), "BT-115", "totals.amount_due", "12.11", "12.10"),
        (draft(line(vat={"category_code": "AE", "rate": 21})), "BT-152", "lines[0].vat.rate", "21", "0"),
        (
            draft(line(vat={"category_code": "E"}), vat_breakdown=[{"category_code": "E", "rate": 19}]),
            "BT-119",
            "vat_breakdown[0].rate",
            "19",
            "0",
        ),
        (draft(totals={ACCOUNTING: "2"}, vat_accounting_currency_code="EUR"), "BT-111", f"totals.{ACCOUNTING}", "2", "2.10"),
        (draft(line(net_amount=9, lines=[line()])), "BT-131", "lines[0].net_amount", "9", "10.00"),
    ],
)
def test_a_contradiction_has_both_numbers_and_the_difference(stated: Invoice, term: str, path: str, given: str, calculated: str) -> None:
    with pytest.raises(Contradiction) as caught:
        calculate(stated)
    error = caught.value
    assert (error.term, error.path, error.given, error.calculated) == (term, path, D(given), D(calculated))
    assert error.difference == D(given) - D(calculated)


@pytest.mark.parametrize("net", ["9.98", "10.02", "10"])
def test_a_line_within_the_slack_is_kept_and_everything_follows_from_it(net: str) -> None:
    result = calculate(draft(line(net_amount=net)))
    assert result.invoice.lines[0].net_amount == D(net)
    assert totals(result.invoice).total_without_vat == D(net)
    assert broken(result.invoice) == []


def test_the_slack_is_counted_from_the_exact_product_as_the_rule_does() -> None:
    """3 × 3.3317 is 9.9951: 10.02 is 0.02 from its rounding and 0.0249 from itself."""
    with pytest.raises(Contradiction):
        calculate(draft(line(quantity=3, price={"net": "3.3317"}, net_amount="10.02")))


@pytest.mark.parametrize("tax", ["1.11", "3.09", "2.11"])
def test_vat_within_less_than_one_is_kept_and_the_totals_follow(tax: str) -> None:
    result = calculate(draft(line(), vat_breakdown=[row(tax_amount=tax)]))
    assert totals(result.invoice).total_with_vat == 10 + D(tax)
    assert broken(result.invoice) == []
    [step] = [step for step in result.steps if step.term == "BT-117"]
    assert "2.10" in step.formula
    assert step.value == D(tax)


def test_a_stricter_rounding_refuses_what_the_rules_would_let_pass() -> None:
    with pytest.raises(Contradiction):
        calculate(draft(line(), vat_breakdown=[row(tax_amount="2.11")]), rounding=Rounding(vat=D(0)))


@pytest.mark.parametrize(
    ("specification", "currency", "net", "fine"),
    [
        (XRECHNUNG, "HUF", "10.50", True),
        (XRECHNUNG, "HUF", "10.51", False),
        (XRECHNUNG, "EUR", "10.50", False),
        (PEPPOL, "HUF", "10.50", False),
        (None, "HUF", "10.50", False),
    ],
)
def test_the_slack_is_that_of_the_specification_and_currency(specification: str | None, currency: str, net: str, *, fine: bool) -> None:
    stated = draft(line(net_amount=net), currency_code=currency, process={"specification_identifier": specification})
    if fine:
        assert totals(calculate(stated).invoice).total_without_vat == D(net)
    else:
        with pytest.raises(Contradiction):
            calculate(stated)


def test_every_tolerance_names_its_rule_and_every_profile_has_one() -> None:
    assert all(row.rule for row in TOLERANCES)
    assert Rounding.of("peppol") == Rounding.of("xrechnung") == Rounding.of() == Rounding()
    assert Rounding.of("xrechnung", "HUF").line == Rounding.of("xrechnung-extension", "HUF").allowance == D("0.5")


@pytest.mark.parametrize(("specification", "fine"), [(None, False), (PEPPOL, False), (XRECHNUNG, False), ("urn:cen.eu:en16931:2017", True)])
def test_net_and_gross_price_belong_together_where_a_rule_says_so(specification: str | None, *, fine: bool) -> None:
    stated = draft(line(price={"net": 10, "gross": "11.90"}), process={"specification_identifier": specification})
    if fine:
        assert totals(calculate(stated).invoice).total_without_vat == D(10)
        return
    with pytest.raises(Contradiction) as caught:
        calculate(stated)
    assert (caught.value.term, caught.value.path, caught.value.difference) == ("BT-146", "lines[0].price.net", D("-1.90"))


def test_the_same_amount_in_other_decimals_is_written_with_two() -> None:
    result = calculate(draft(line(net_amount="10.000"), totals={"paid_amount": "1.000", "amount_due": "11.1"})).invoice
    assert [str(result.lines[0].net_amount), str(totals(result).paid_amount), str(totals(result).amount_due)] == ["10.00", "1.00", "11.10"]


def test_a_rate_that_changes_nothing_may_stay_on_a_row_without_vat() -> None:
    stated = draft(line(), vat_breakdown=[{"category_code": "E", "rate": 19, "taxable_amount": 0, "tax_amount": 0}])
    assert calculate(stated).invoice.vat_breakdown[0].rate == D(19)


def test_a_stated_line_amount_stands_in_for_a_price_that_is_not_known() -> None:
    result = calculate(draft(line(price=None, quantity=None, net_amount="33.33"))).invoice
    assert totals(result).total_without_vat == D("33.33")
