"""What stands beside a VAT category: its rate, its taxable amount, its tax, its reason for exemption."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import isinf
from typing import Any

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.ubl_totals import tax_is_near
from einvoice_validators.rules.en16931.ubl_vat_bases import bases
from einvoice_validators.xpath import Aborted, exists

Test = Callable[[Fact], object]


def sum_is_exact(code: str) -> Test:
    """The taxable amount is the sum of its category; lines of the other kind of document, if any, let the own ones be left out."""

    def holds(category: Fact) -> bool:
        taxable, found = category.parent.taxable_amount, bases(category.document)
        return bool(taxable == found.expected(code)) or (found.foreign_lines and bool(taxable == found.others[code]))

    return holds


def _is_near(stated: Any, expected: Decimal) -> bool:
    """Less than one away, the stated amount taken as a double as the official rules do."""
    if not exists(stated):
        return False
    amount = float(stated)
    if isinf(amount):
        raise Aborted("an amount beyond what a double holds")
    return Decimal(amount - 1) < expected < Decimal(amount + 1)


def sum_is_near(code: str) -> Test:
    """The taxable amount is less than one from the sum of its category and rate."""

    def holds(category: Fact) -> bool:
        if not exists(category.rate):
            return True
        stated, found, key = category.parent.taxable_amount, bases(category.document), (code, category.rate)
        return _is_near(stated, found.expected(key)) or (found.foreign_lines and _is_near(stated, found.others[key]))

    return holds


def standard_sum_is_near(category: Fact) -> bool:
    """Likewise, and a line, an allowance or a charge has that rate; where an allowance has it, the sum may leave the lines out."""
    if not exists(category.rate):
        return True
    stated, found, key = category.parent.taxable_amount, bases(category.document), ("S", category.rate)
    allowed = key in found.allowance_keys
    if (allowed or key in found.line_keys) and _is_near(stated, found.expected(key)):
        return True
    return (allowed or key in found.foreign_keys) and _is_near(stated, found.others[key])


def rate_is_zero(category: Fact) -> object:
    """The rate is 0, and is there."""
    return category.rate == 0


def rate_is_absent(category: Fact) -> object:
    """There is no rate."""
    return not exists(category.rate)


def rate_is_positive(category: Fact) -> object:
    """The rate is above 0."""
    return exists(category.rate) and float(category.rate) > 0


def rate_is_not_negative(category: Fact) -> object:
    """The rate is 0 or more."""
    return category.rate_uncast >= 0


def tax_is_zero(category: Fact) -> object:
    """The tax is 0."""
    return category.parent.tax_amount == 0


def own_tax_is_near(category: Fact) -> object:
    """The tax is less than one from what the rate gives."""
    return tax_is_near(category.parent, category.rate)


def has_reason(category: Fact) -> object:
    """A reason for exemption is given, or the code of one."""
    return category.has_exemption_reason


def has_no_reason(category: Fact) -> object:
    """No reason for exemption is given."""
    return not category.has_exemption_reason
