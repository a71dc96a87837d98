"""UBL 2.1 by hand, for the documents that no invoice is: elements in the order of their schema, the same input the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from lxml import etree

from einvoice.money import rounded
from einvoice.receivables.exports.sides import Side

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC = f"{_UBL}CommonAggregateComponents-2", f"{_UBL}CommonBasicComponents-2"
Element: TypeAlias = Any  # lxml's


def root(name: str) -> Element:
    """The outermost element of a document, in its own namespace."""
    space = f"{_UBL}{name}-2"
    return etree.Element(f"{{{space}}}{name}", nsmap={None: space, "cac": CAC, "cbc": CBC})


def value(parent: Element, name: str, text: str | date | None, **attributes: str) -> None:
    """A basic component below a parent; nothing where there is no text."""
    if text in (None, ""):
        return
    made = etree.SubElement(parent, f"{{{CBC}}}{name}", attributes)
    made.text = _allowed(text.isoformat() if isinstance(text, date) else str(text))


def amount(parent: Element, name: str, number: Decimal, currency: str) -> None:
    """An amount in a currency, with the digits that it has."""
    value(parent, name, f"{rounded(number, currency):f}", currencyID=currency)


def flag(parent: Element, name: str, holds: bool) -> None:
    """An indicator."""
    value(parent, name, "true" if holds else "false")


def group(parent: Element, name: str) -> Element:
    """An aggregate component below a parent."""
    return etree.SubElement(parent, f"{{{CAC}}}{name}")


def party(parent: Element, name: str, side: Side) -> None:
    """A party with its identifiers, address and contact, within AccountingSupplierParty or AccountingCustomerParty."""
    outer = group(parent, name)
    if side.key and name == "AccountingCustomerParty":
        value(outer, "SupplierAssignedAccountID", side.key)
    made = group(outer, "Party")
    if side.endpoint:
        value(made, "EndpointID", side.endpoint[0], schemeID=side.endpoint[1])
    value(group(made, "PartyName"), "Name", side.name)
    _address(made, side)
    if side.vat:
        tax = group(made, "PartyTaxScheme")
        value(tax, "CompanyID", side.vat)
        value(group(tax, "TaxScheme"), "ID", "VAT")
    legal = group(made, "PartyLegalEntity")
    value(legal, "RegistrationName", side.name)
    if side.legal:
        value(legal, "CompanyID", side.legal[0], **({"schemeID": side.legal[1]} if side.legal[1] else {}))
    if side.contact or side.email or side.phone:
        who = group(made, "Contact")
        value(who, "Name", side.contact)
        value(who, "Telephone", side.phone)
        value(who, "ElectronicMail", side.email)


def _address(made: Element, side: Side) -> None:
    kept = side.address
    where = group(made, "PostalAddress")
    for name, ours in (("StreetName", "street"), ("AdditionalStreetName", "street2"), ("CityName", "city"), ("PostalZone", "postcode")):
        value(where, name, kept.get(ours))
    value(group(where, "Country"), "IdentificationCode", str(kept.get("country") or side.country))


def account(parent: Element, name: str | None, iban: str | None, bic: str | None, references: Iterable[str] = ()) -> None:
    """How to pay: a transfer to an account, with what the payer states; nothing where there is no account. Code 58 of UNTDID 4461."""
    if not iban:
        return
    means = group(parent, "PaymentMeans")
    value(means, "PaymentMeansCode", "58")
    for reference in references:
        value(means, "PaymentID", reference)
    to = group(means, "PayeeFinancialAccount")
    value(to, "ID", iban)
    value(to, "Name", name)
    if bic:
        value(group(to, "FinancialInstitutionBranch"), "ID", bic)


def billing(parent: Element, number: str, issued: date | None, *, credit: bool = False) -> None:
    """Which invoice or credit note a line is about; the type is that of UNTDID 1001."""
    about = group(group(parent, "BillingReference"), f"{'CreditNote' if credit else 'Invoice'}DocumentReference")
    value(about, "ID", number)
    value(about, "IssueDate", issued)
    value(about, "DocumentTypeCode", "381" if credit else "380")


def written(made: Element) -> bytes:
    """The document in UTF-8."""
    data: bytes = etree.tostring(made, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _allowed(text: str) -> str:
    """Text without what XML 1.0 has no sign for."""
    return "".join(
        sign if sign in "\t\n\r" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff" else " " for sign in text
    )
