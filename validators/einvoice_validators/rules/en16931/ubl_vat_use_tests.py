"""What a document needs where it uses a VAT category: a place in the VAT breakdown, and parties with tax numbers.

Most rules ask for the code under the VAT scheme; some take it of any tax, some only as written without white space around it.
"""

from __future__ import annotations

from collections.abc import Callable

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.ubl_parties import has_vat_identifier
from einvoice_validators.rules.en16931.ubl_vat_use import Use, use

Test = Callable[[Fact], object]


def seller_is_registered(invoice: Fact) -> bool:
    """With any tax number of the seller, or the VAT identifier of a representative."""
    return invoice.has_seller_tax_identifier or has_vat_identifier(invoice.representative_tax_registrations)


def _seller_has_vat(invoice: Fact) -> bool:
    """With the VAT identifier of the seller or of a representative."""
    return has_vat_identifier(invoice.seller_tax_registrations) or has_vat_identifier(invoice.representative_tax_registrations)


def _buyer_has_vat(invoice: Fact) -> bool:
    return has_vat_identifier(invoice.buyer_tax_registrations)


def _parties_of_reverse_charge(invoice: Fact) -> bool:
    return seller_is_registered(invoice) and (_buyer_has_vat(invoice) or bool(invoice.has_buyer_legal_identifier))


def _parties_of_intra_community_supply(invoice: Fact) -> bool:
    return _seller_has_vat(invoice) and _buyer_has_vat(invoice)


def _nobody_has_vat(invoice: Fact) -> bool:
    return not _seller_has_vat(invoice) and not _buyer_has_vat(invoice)


PARTIES: dict[str, Test] = {
    "AE": _parties_of_reverse_charge,
    "K": _parties_of_intra_community_supply,
    "G": _seller_has_vat,
    "O": _nobody_has_vat,
}


def used_on_items(code: str) -> Callable[[Use], bool]:
    """Whether a line has the category."""
    return lambda use: code in use.items.vat


def used_on_allowances(code: str) -> Callable[[Use], bool]:
    """Whether an allowance has the category; for what is not subject to VAT those of the document count alone."""
    return lambda use: code in (use.document_allowances if code == "O" else use.allowances).vat


def used_on_charges(code: str) -> Callable[[Use], bool]:
    """Whether a charge has the category, likewise."""
    if code == "L":
        return lambda use: code in use.charges.exact_vat
    return lambda use: code in (use.document_charges if code == "O" else use.charges).vat


def wants_parties(used: Callable[[Use], bool], parties: Test) -> Test:
    """Where the category is used so, the parties are as it wants."""
    return lambda invoice: not used(use(invoice)) or parties(invoice)


def standard_items_have_parties(invoice: Fact) -> bool:
    """Items at the standard rate of any tax want it to be VAT, and the seller to be registered."""
    items = use(invoice).items
    return "S" not in items.any_tax or ("S" in items.vat and seller_is_registered(invoice))


def stands_once(code: str) -> Test:
    """The category stands once in the VAT breakdown where it is used anywhere, the breakdown included."""

    def holds(invoice: Fact) -> bool:
        found = use(invoice)
        return (code not in found.anywhere.vat and code not in found.items.vat) or found.breakdown.vat[code] == 1

    return holds


def standard_rate_stands(invoice: Fact) -> bool:
    """The standard rate stands in the VAT breakdown just where lines, allowances or charges have it, of whatever tax."""
    found = use(invoice)
    used = "S" in found.allowances_and_charges.any_tax or "S" in found.items.any_tax
    return used == ("S" in found.breakdown.any_tax)


def stands_where_used(code: str) -> Test:
    """The category stands in the VAT breakdown just where lines, allowances or charges have it."""

    def holds(invoice: Fact) -> bool:
        found = use(invoice)
        if code in found.allowances_and_charges.vat or code in found.items.vat:
            return code in (found.breakdown.exact if code == "L" else found.breakdown.exact_vat)
        return code not in found.breakdown.vat

    return holds
