"""Peppol BIS: codes and dates that stand by themselves, and exemption reasons that go with one VAT category."""

from __future__ import annotations

from functools import partial

from einvoice.formats.syntax import Syntax
from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact, text
from einvoice_validators.ruleset import Pattern, Rule, rule
from einvoice_validators.xpath import exists, normal, text_node

TAX_POINTS = partial(code_set, "untdid-2005", "peppol")

PATTERN = Pattern("peppol codes", Syntax.UBL)
TAX_POINT = PATTERN.leaf("cac:InvoicePeriod/cbc:DescriptionCode")
DATE = PATTERN.leaf("cbc:IssueDate | cbc:DueDate | cbc:TaxPointDate | cbc:StartDate | cbc:EndDate | cbc:ActualDeliveryDate")
EXEMPT = PATTERN.context(
    "cac:TaxCategory",
    where=lambda category: exists(category.exemption_reason_code),
    category_code=text("cbc:ID"),
    exemption_reason_code=text("cbc:TaxExemptionReasonCode"),
)


@rule("PEPPOL-EN16931-CL006", TAX_POINT)
def tax_point_code_is_known(code: str) -> object:
    """The code of the date when VAT falls due (BT-8) is 3, 35 or 432."""
    return normal(text_node(code)) in TAX_POINTS()


@rule("PEPPOL-EN16931-F001", DATE)
def date_is_plain(date: str) -> object:
    """A date is written as YYYY-MM-DD, without a time zone or spaces."""
    return len(text_node(date)) == 10


def _goes_with(id: str, reason: str, category: str) -> Rule:  # noqa: A002 - it is the id
    """The rule of a reason that belongs to one category."""

    def holds(found: Fact) -> object:
        return found.exemption_reason_code.upper() != reason or normal(found.category_code) == category

    sentence = f"The exemption reason {reason} (BT-121) goes with the VAT category {category} alone."
    return Rule(id, (EXEMPT,), holds, sentence, at="category_code")


REASON_CATEGORIES = {
    "04": ("G", "G"),
    "05": ("O", "O"),
    "06": ("IC", "K"),
    "07": ("AE", "AE"),
    "08": ("D", "E"),
    "09": ("F", "E"),
    "10": ("I", "E"),
    "11": ("J", "E"),
}
REASONS = tuple(
    _goes_with(f"PEPPOL-EN16931-P01{number}", f"VATEX-EU-{reason}", category) for number, (reason, category) in REASON_CATEGORIES.items()
)
