"""What one VAT category alone asks for: intra-community supply, what is not subject to VAT, and Italy's split payment."""

from __future__ import annotations

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.ubl_model import INVOICE
from einvoice_validators.rules.en16931.ubl_vat_use import Use, use
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import length

INTRA_COMMUNITY, OUTSIDE_SCOPE, SPLIT_PAYMENT, STANDARD = "K", "O", "B", "S"
ITALY = "IT"


@rule("BR-IC-11", INVOICE, at="delivery_date")
def intra_community_supply_has_a_date(invoice: Fact) -> object:
    """An intra-community supply (K) tells the date of delivery (BT-72) or the invoicing period (BG-14)."""
    return INTRA_COMMUNITY not in use(invoice).breakdown.vat or invoice.has_invoicing_period or length(invoice.delivery_date) > 1


@rule("BR-IC-12", INVOICE, at="delivery_country_code")
def intra_community_supply_has_a_country(invoice: Fact) -> object:
    """An intra-community supply (K) tells the country that is delivered to (BT-80)."""
    return INTRA_COMMUNITY not in use(invoice).breakdown.vat or length(invoice.delivery_country_code) > 1


def _outside_scope(invoice: Fact) -> Use | None:
    """The categories of a document whose VAT breakdown has a part that is not subject to VAT."""
    found = use(invoice)
    return found if OUTSIDE_SCOPE in found.breakdown.vat else None


@rule("BR-O-11", INVOICE)
def outside_scope_stands_alone_in_the_breakdown(invoice: Fact) -> object:
    """Where the VAT breakdown says "not subject to VAT" (O), it has no other category (BT-118)."""
    return (found := _outside_scope(invoice)) is None or found.breakdown.only(OUTSIDE_SCOPE)


@rule("BR-O-12", INVOICE)
def outside_scope_has_no_other_lines(invoice: Fact) -> object:
    """Where the VAT breakdown says "not subject to VAT" (O), no line has another category (BT-151)."""
    return (found := _outside_scope(invoice)) is None or found.items.only(OUTSIDE_SCOPE)


@rule("BR-O-13", INVOICE)
def outside_scope_has_no_other_allowances(invoice: Fact) -> object:
    """Where the VAT breakdown says "not subject to VAT" (O), no allowance has another category (BT-95)."""
    return (found := _outside_scope(invoice)) is None or found.allowances.only(OUTSIDE_SCOPE)


@rule("BR-O-14", INVOICE)
def outside_scope_has_no_other_charges(invoice: Fact) -> object:
    """Where the VAT breakdown says "not subject to VAT" (O), no charge has another category (BT-102)."""
    return (found := _outside_scope(invoice)) is None or found.charges.only(OUTSIDE_SCOPE)


@rule("BR-B-01", INVOICE)
def split_payment_is_domestic(invoice: Fact) -> object:
    """Split payment (B) is for invoices within Italy: every country named is Italy."""
    found = use(invoice)
    return not (SPLIT_PAYMENT in found.anywhere.exact or SPLIT_PAYMENT in found.items.exact) or set(invoice.country_codes) <= {ITALY}


@rule("BR-B-02", INVOICE)
def split_payment_excludes_the_standard_rate(invoice: Fact) -> object:
    """An invoice with split payment (B) has nothing at the standard rate (S)."""
    found = use(invoice)
    named = (found.breakdown.exact, found.document_allowances.exact, found.document_charges.exact, found.items.exact)
    return not any(SPLIT_PAYMENT in codes for codes in named) or not any(STANDARD in codes for codes in named)
