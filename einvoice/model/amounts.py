"""What is added, taken off, taxed and summed up on document level: BG-20 to BG-23, and the line's BG-27 and BG-28."""

from __future__ import annotations

from einvoice.model.types import Amount, Code, Group, Text, term


class AllowanceCharge(Group):
    """An allowance or charge (BG-20, BG-21, BG-27, BG-28): money; `percentage` of `base_amount` where both are given.

    The VAT terms are for document level only: on a line the line's own VAT applies.
    """

    amount: Amount | None = None
    base_amount: Amount | None = None
    percentage: Amount | None = None
    reason: Text | None = None
    reason_code: Code | None = None


class DocumentAllowanceCharge(AllowanceCharge):
    """An allowance or charge on document level, with the VAT that it bears (BG-20, BG-21)."""

    vat_category_code: Code | None = None
    vat_rate: Amount | None = None


class VATBreakdown(Group):
    """What one VAT category and rate adds up to (BG-23)."""

    taxable_amount: Amount | None = term("BT-116")
    tax_amount: Amount | None = term("BT-117")
    category_code: Code | None = term("BT-118")
    rate: Amount | None = term("BT-119")
    exemption_reason: Text | None = term("BT-120")
    exemption_reason_code: Code | None = term("BT-121")


class Totals(Group):
    """The invoice's totals (BG-22), in the invoice currency but for `vat_in_accounting_currency`."""

    sum_of_line_net_amounts: Amount | None = term("BT-106")
    sum_of_allowances: Amount | None = term("BT-107")
    sum_of_charges: Amount | None = term("BT-108")
    total_without_vat: Amount | None = term("BT-109")
    vat: Amount | None = term("BT-110")
    vat_in_accounting_currency: Amount | None = term("BT-111")
    total_with_vat: Amount | None = term("BT-112")
    paid_amount: Amount | None = term("BT-113")
    rounding_amount: Amount | None = term("BT-114")
    amount_due: Amount | None = term("BT-115")
