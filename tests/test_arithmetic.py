"""The checker of the arithmetic rules can fail: each rule is broken once, and found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from einvoice.calculation import calculate
from einvoice.model import Invoice
from tests.arithmetic import broken, strict
from tests.test_calculation import draft, line


@pytest.fixture(scope="module")
def sound() -> dict[str, Any]:
    """A calculated invoice with everything that a rule looks at, as plain data."""
    twentieth = {"base_amount": 10, "percentage": 5}
    ten = {"base_amount": 20, "percentage": 10, "vat_category_code": "S", "vat_rate": 21}
    result = calculate(
        draft(
            line(quantity=2, price={"gross": 12, "discount": 2}, allowances=[twentieth], charges=[{"amount": 1}]),
            line(vat={"category_code": "E"}),
            line(vat={"category_code": "O"}),
            allowances=[ten],
            charges=[ten | {"percentage": 30}],
            totals={"paid_amount": 1, "rounding_amount": "0.02"},
        )
    ).invoice
    assert broken(result) == []
    return result.model_dump()


@pytest.mark.parametrize(
    ("path", "value", "rules"),
    [
        ("totals.sum_of_line_net_amounts", "40.52", {"BR-CO-10", "BR-CO-13"}),
        ("totals.sum_of_allowances", "2.01", {"BR-CO-11", "BR-CO-13"}),
        ("totals.sum_of_charges", None, {"BR-CO-12", "BR-CO-13"}),
        ("totals.total_without_vat", "44.51", {"BR-CO-13", "BR-CO-15"}),
        ("totals.vat", "5.16", {"BR-CO-14", "BR-CO-15"}),
        ("totals.total_with_vat", "49.67", {"BR-CO-15", "BR-CO-16"}),
        ("totals.amount_due", "48.68", {"BR-CO-16"}),
        ("totals.amount_due", "48.680", {"BR-CO-16", "BR-DEC-09"}),
        ("totals.vat", None, {"BR-12 BR-13 BR-14 BR-15"}),
        ("lines.0.net_amount", "20.53", {"PEPPOL-EN16931-R120", "BR-CO-10", "BR-S-08"}),
        ("lines.0.net_amount", "20.52", {"BR-CO-10", "BR-S-08"}),
        ("lines.0.net_amount", "20.500", {"BR-DEC-23"}),
        ("lines.0.price.net", "10.01", {"PEPPOL-EN16931-R046"}),
        ("lines.0.price.net", "-10", {"PEPPOL-EN16931-R046", "PEPPOL-EN16931-R120", "BR-27 BR-28"}),
        ("lines.0.identifier", None, {"BR-21"}),
        ("lines.0.quantity", None, {"BR-22 BR-24 BR-26"}),
        ("lines.0.vat.rate", "6", {"BR-S-01", "BR-S-08"}),
        ("lines.0.allowances.0.base_amount", "11", {"PEPPOL-EN16931-R040"}),
        ("lines.0.allowances.0.amount", "0.500", {"BR-DEC-24"}),
        ("lines.0.allowances.0.base_amount", "10.000", {"BR-DEC-25"}),
        ("allowances.0.amount", "2.03", {"PEPPOL-EN16931-R040", "BR-CO-11", "BR-S-08"}),
        ("allowances.0.amount", "2.000", {"BR-DEC-01"}),
        ("charges.0.base_amount", "20.000", {"BR-DEC-02"}),
        ("vat_breakdown", [], {"BR-CO-18", "BR-CO-14", "BR-S-01"}),
        ("vat_breakdown.0.taxable_amount", "24.51", {"BR-S-08"}),
        ("vat_breakdown.0.taxable_amount", None, {"BR-45 BR-46"}),
        ("vat_breakdown.0.taxable_amount", "24.500", {"BR-DEC-19"}),
        ("vat_breakdown.0.tax_amount", "6.15", {"BR-CO-17", "BR-CO-14"}),
        ("vat_breakdown.0.tax_amount", "4.15", {"BR-CO-17", "BR-CO-14"}),
        ("vat_breakdown.0.tax_amount", "6.14", {"BR-CO-14"}),
        ("vat_breakdown.0.tax_amount", "5.150", {"BR-DEC-20"}),
        ("vat_breakdown.1.tax_amount", "0.01", {"BR-E-09", "BR-CO-14"}),
        ("vat_breakdown.1.taxable_amount", "10.01", {"BR-E-08"}),
        ("vat_breakdown.2.rate", "0", {"BR-48 (O)", "BR-S-01"}),
        ("vat_breakdown.2", {"category_code": "E", "rate": 0, "taxable_amount": 10, "tax_amount": 0}, {"BG-23 repeated", "BR-S-01"}),
    ],
)
def test_a_broken_rule_is_found(sound: dict[str, Any], path: str, value: object, rules: set[str]) -> None:
    found = broken(changed(sound, path, value))
    assert rules <= set(found), found


def test_a_cent_off_the_formula_is_allowed_but_not_strict(sound: dict[str, Any]) -> None:
    assert strict(Invoice.model_validate(sound))
    assert not strict(changed(sound, "vat_breakdown.0.tax_amount", "5.16"))


def changed(data: Any, path: str, value: object) -> Invoice:
    """The invoice with another value at the path."""
    return Invoice.model_validate(_changed(data, path.split("."), value))


def _changed(data: Any, path: list[str], value: object) -> Any:
    if not path:
        return value
    if isinstance(data, dict):
        return data | {path[0]: _changed(data[path[0]], path[1:], value)}
    return [_changed(item, path[1:], value) if number == int(path[0]) else item for number, item in enumerate(data)]


def test_decimals_count_as_they_are_written() -> None:
    assert str(Decimal("1.500")) == "1.500"  # the model keeps them, or BR-DEC could not be tested
