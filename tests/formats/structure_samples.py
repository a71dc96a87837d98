"""The smallest invoices that are valid in structure, one element a line, and what the tests of the structure check do to them."""

from __future__ import annotations

from typing import Any

from lxml import etree

from einvoice.formats import structure
from einvoice.report import Finding

UBL = """<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>1</cbc:ID>
<cbc:IssueDate>2026-03-02</cbc:IssueDate>
<cbc:Note>first</cbc:Note>
<cac:AccountingSupplierParty>
<cac:Party>
<cac:Contact/>
</cac:Party>
</cac:AccountingSupplierParty>
<cac:AccountingCustomerParty/>
<cac:LegalMonetaryTotal>
<cbc:PayableAmount currencyID="EUR">12.50</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
<cac:InvoiceLine>
<cbc:ID>1</cbc:ID>
<cbc:LineExtensionAmount currencyID="EUR">12.50</cbc:LineExtensionAmount>
<cac:Item/>
</cac:InvoiceLine>
</Invoice>"""

CII = """<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext/>
<rsm:ExchangedDocument>
<ram:ID>1</ram:ID>
<ram:TypeCode listID="1001">380</ram:TypeCode>
<ram:IssueDateTime>
<udt:DateTimeString format="102">20260302</udt:DateTimeString>
</ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:ApplicableHeaderTradeAgreement/>
<ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement/>
</rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""

EXTENSION = (
    '<ext:UBLExtensions xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">'
    "<ext:UBLExtension><ext:ExtensionContent>{}</ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
)


def parsed(text: str, old: str = "", new: str = "") -> Any:
    """The tree of a sample in which `old` is replaced once by `new`."""
    assert old in text
    return etree.fromstring(text.replace(old, new, 1), etree.XMLParser(resolve_entities=False, strip_cdata=False))


def findings(text: str, old: str = "", new: str = "") -> tuple[Finding, ...]:
    """What the check says of the changed sample."""
    return structure.check(parsed(text, old, new))


def extended(content: str) -> tuple[Finding, ...]:
    """What the check says of the UBL sample with an extension of that content."""
    return findings(UBL, "<cbc:ID>", EXTENSION.format(content) + "<cbc:ID>")
