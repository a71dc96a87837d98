"""Who sells and who buys, as Tryton's parties, addresses and identifiers say it."""

from trytond.model import fields
from trytond.pool import PoolMeta

from einvoice_plugins.records import Number, Party, Place

from .profiles import PROFILES


class PartyParty(metaclass=PoolMeta):
    """A party, with what its e-invoices need."""

    __name__ = "party.party"

    einvoice_profile = fields.Selection(
        [(None, ""), ("none", "None"), *PROFILES],
        "E-Invoice Profile",
        help="The rules that the invoices for this party are held to.\nLeave empty to use the company's; none: nothing is checked.",
    )
    einvoice_reference = fields.Char(
        "Buyer Reference",
        help="What this party wants to find on each invoice, such as a department.\nUsed where the invoice has no reference of its own.",
    )


def seller(invoice):
    """The company as the seller of an invoice."""
    party = invoice.company.party
    number = invoice.tax_identifier
    found = _party(party, party.address_get("invoice"), number)
    is_other = number is not None and not _vat(number)
    return found._replace(
        tax_registration=number.code if is_other else None,
        contact=found.name if party.email or party.phone else None,
        phone=party.phone or party.mobile or None,
        email=party.email or None,
    )


def buyer(invoice):
    """The customer of an invoice."""
    return _party(invoice.party, invoice.invoice_address, invoice.party_tax_identifier)


def place(address):
    """An address; None where it has no country, which no e-invoice can do without."""
    if address is None or address.country is None:
        return None
    lines = (address.street or "").splitlines() or [None]
    return Place(
        address.country.code,
        lines[0],
        ", ".join(lines[1:]) or None,
        address.city or None,
        address.postal_code or None,
        address.subdivision.name if address.subdivision else None,
    )


def electronic(party):
    """The address on the network: the first identifier whose scheme is one of the Electronic Address Schemes."""
    for identifier in party.identifiers:
        if identifier.eas_code:
            scheme = identifier.eas_code.zfill(4)
            return Number(_vat(identifier) or _compact(identifier), scheme)
    return None


def _party(party, address, number):
    registered = party.identifier_iso6523
    return Party(
        party.name or "",
        place(address) or Place(""),
        vat=_vat(number) if number else None,
        registration=Number(_compact(registered), registered.iso_6523) if registered else None,
        electronic=electronic(party),
    )


def _vat(identifier):
    """The VAT number with its country; None for another kind of number."""
    return identifier.vatin.replace(" ", "").replace(".", "") if identifier.vatin else None


def _compact(identifier):
    return (identifier.code_compact or identifier.code).replace(" ", "")
