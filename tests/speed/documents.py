"""UBL invoices of any length for the benchmarks: every total adds up, and the same length gives the same bytes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

CENT = Decimal("0.01")
RATES = tuple(map(Decimal, ("21", "6", "12")))

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
<cbc:ID>SPEED-{count}</cbc:ID>
<cbc:IssueDate>2026-03-02</cbc:IssueDate>
<cbc:DueDate>2026-04-01</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cbc:BuyerReference>BENCH-7</cbc:BuyerReference>
{seller}{buyer}<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
<cac:PayeeFinancialAccount><cbc:ID>BE68539007547034</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
"""
PARTY = """<cac:{role}><cac:Party>
<cbc:EndpointID schemeID="0208">{number}</cbc:EndpointID>
<cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName>
<cac:PostalAddress><cbc:StreetName>{street}</cbc:StreetName><cbc:CityName>Gent</cbc:CityName><cbc:PostalZone>9000</cbc:PostalZone>
<cac:Country><cbc:IdentificationCode>BE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyTaxScheme><cbc:CompanyID>BE{number}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>{name} BV</cbc:RegistrationName>
<cbc:CompanyID schemeID="0208">{number}</cbc:CompanyID></cac:PartyLegalEntity>
<cac:Contact><cbc:Name>An Peeters</cbc:Name><cbc:ElectronicMail>an@{mail}.example</cbc:ElectronicMail></cac:Contact>
</cac:Party></cac:{role}>
"""
CATEGORY = """<cac:{tag}><cbc:ID>S</cbc:ID><cbc:Percent>{rate}</cbc:Percent>\
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:{tag}>"""
SUBTOTAL = """<cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">{net}</cbc:TaxableAmount>
<cbc:TaxAmount currencyID="EUR">{vat}</cbc:TaxAmount>{category}</cac:TaxSubtotal>
"""
TOTALS = """<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{vat}</cbc:TaxAmount>
{subtotals}</cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">{gross}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">{gross}</cbc:PayableAmount></cac:LegalMonetaryTotal>
"""
LINE = """<cac:InvoiceLine><cbc:ID>{number}</cbc:ID>
<cbc:InvoicedQuantity unitCode="H87">{quantity}</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cac:OrderLineReference><cbc:LineID>{number}</cbc:LineID></cac:OrderLineReference>
{allowance}<cac:Item><cbc:Description>Article {number}, as ordered</cbc:Description><cbc:Name>Article {number}</cbc:Name>
<cac:SellersItemIdentification><cbc:ID>A-{number}</cbc:ID></cac:SellersItemIdentification>
<cac:StandardItemIdentification><cbc:ID schemeID="0160">05412345000013</cbc:ID></cac:StandardItemIdentification>
{category}</cac:Item>
<cac:Price><cbc:PriceAmount currencyID="EUR">{price}</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
"""
ALLOWANCE = """<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>
<cbc:AllowanceChargeReason>Volume discount</cbc:AllowanceChargeReason>
<cbc:Amount currencyID="EUR">{amount}</cbc:Amount></cac:AllowanceCharge>
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice line; every fourth has a discount of a twentieth."""

    number: int

    @property
    def quantity(self) -> int:
        return self.number % 23 + 1

    @property
    def price(self) -> Decimal:
        return Decimal(self.number * 367 % 9_000 + 95) / 100

    @property
    def rate(self) -> Decimal:
        return RATES[self.number % len(RATES)]

    @property
    def discount(self) -> Decimal:
        return cents(self.quantity * self.price / 20) if self.number % 4 == 0 else Decimal(0)

    @property
    def net(self) -> Decimal:
        return self.quantity * self.price - self.discount

    def xml(self) -> str:
        allowance = ALLOWANCE.format(amount=self.discount) if self.discount else ""
        category = CATEGORY.format(tag="ClassifiedTaxCategory", rate=self.rate)
        parts = {"number": self.number, "quantity": self.quantity, "net": self.net, "price": self.price}
        return LINE.format(**parts, allowance=allowance, category=category)


def cents(value: Decimal) -> Decimal:
    """Rounded to the cent, half away from zero."""
    return value.quantize(CENT, ROUND_HALF_UP)


@cache
def ubl(count: int) -> bytes:
    """A Peppol invoice with `count` lines and three VAT rates, as UBL."""
    lines = [Line(number) for number in range(1, count + 1)]
    seller = PARTY.format(role="AccountingSupplierParty", number="0999999130", name="Noordzee", street="Kaai 1", mail="noordzee")
    buyer = PARTY.format(role="AccountingCustomerParty", number="0999999229", name="Leie", street="Dok 2", mail="leie")
    head = HEAD.format(count=count, seller=seller, buyer=buyer)
    return "".join([head, totals(lines), *(line.xml() for line in lines), "</Invoice>\n"]).encode()


def totals(lines: list[Line]) -> str:
    """The VAT breakdown per rate and the document totals."""
    nets: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        nets[line.rate] += line.net
    vats = {rate: cents(net * rate / 100) for rate, net in nets.items()}
    subtotals = "".join(
        SUBTOTAL.format(net=nets[rate], vat=vats[rate], category=CATEGORY.format(tag="TaxCategory", rate=rate)) for rate in nets
    )
    net, vat = sum(nets.values()), sum(vats.values())
    return TOTALS.format(net=net, vat=vat, gross=net + vat, subtotals=subtotals)
