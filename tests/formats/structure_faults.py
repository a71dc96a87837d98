"""Faults of structure, one a case: what is changed in a sample, and what must be said of it."""

from __future__ import annotations

from typing import NamedTuple

from einvoice.report import Finding, Severity
from tests.formats.structure_samples import CII, UBL, findings


class Fault(NamedTuple):
    """In `text`, `old` becomes `new`; then one finding has that rule and place, and says the `words`."""

    text: str
    old: str
    new: str
    rule: str
    xpath: str
    line: int
    words: list[str]

    def told(self) -> Finding:
        """The only finding."""
        (found,) = findings(self.text, self.old, self.new)
        return found

    def unsaid(self, found: Finding) -> list[str]:
        """What the finding ought to say and does not: its rule, place and line, and the words."""
        wanted = {"rule": self.rule, "severity": Severity.FATAL, "xpath": self.xpath, "line": self.line}
        wrong = [name for name, value in wanted.items() if getattr(found, name) != value]
        return wrong + [word for word in self.words if word not in found.text]


FAULTS = {name: Fault(*parts) for name, parts in {
    "missing": (
        UBL, "<cbc:IssueDate>2026-03-02</cbc:IssueDate>", "",
        "structure-missing", "/Invoice", 3, ["Invoice lacks cbc:IssueDate", "after cbc:ID (line 4)", "before cbc:Note (line 6)"],
    ),
    "missing at the end": (
        UBL, "<cac:Item/>", "",
        "structure-missing", "/Invoice/cac:InvoiceLine", 16, ["cac:InvoiceLine lacks cac:Item", "after cbc:LineExtensionAmount (line 18)"],
    ),
    "order": (
        UBL, "<cac:Item/>", "<cac:Item/><cbc:Note>late</cbc:Note>",
        "structure-order", "/Invoice/cac:InvoiceLine/cbc:Note", 19,
        ["cbc:Note is in the wrong place", "after cbc:ID (line 17)", "before cbc:LineExtensionAmount (line 18)"],
    ),
    "order of equals": (
        UBL, "<cac:AccountingCustomerParty/>", "<cac:AccountingCustomerParty/><cbc:Note>second</cbc:Note>",
        "structure-order", "/Invoice/cbc:Note[2]", 12, ["cbc:Note", "to the other cbc:Note (line 6)"],
    ),
    "repeated": (
        UBL, "<cbc:IssueDate>", "<cbc:ID>2</cbc:ID><cbc:IssueDate>",
        "structure-repeated", "/Invoice/cbc:ID[2]", 5, ["cbc:ID may occur only once in Invoice", "line 4", "remove"],
    ),
    "misspelt": (
        UBL, "<cac:Contact/>", "<cac:Contakt/>",
        "structure-unexpected", "/Invoice/cac:AccountingSupplierParty/cac:Party/cac:Contakt", 9,
        ["cac:Contakt is not allowed in cac:Party", "did you mean cac:Contact?"],
    ),
    "in the wrong parent": (
        UBL, "<cac:Contact/>", "<cac:AllowanceCharge/>",
        "structure-unexpected", "/Invoice/cac:AccountingSupplierParty/cac:Party/cac:AllowanceCharge", 9,
        ["cac:AllowanceCharge is not allowed in cac:Party", "it belongs in Invoice (line 3)"],
    ),
    "a level too high": (
        UBL, "<cac:Contact/>", "<cbc:CityName>Gent</cbc:CityName>",
        "structure-unexpected", "/Invoice/cac:AccountingSupplierParty/cac:Party/cbc:CityName", 9,
        ["cbc:CityName is not allowed in cac:Party", "it belongs inside", "cac:PostalAddress"],
    ),
    "unknown": (
        CII, "<ram:ID>1</ram:ID>", "<ram:ID>1</ram:ID><Thing/>",
        "structure-unexpected", "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument/Thing", 6,
        ["Thing is not allowed in rsm:ExchangedDocument", "CII D16B has no such element", "expected ram:Name"],
    ),
    "element in a value": (
        UBL, "<cbc:Note>first</cbc:Note>", "<cbc:Note>first<b/></cbc:Note>",
        "structure-unexpected", "/Invoice/cbc:Note/b", 6, ["cbc:Note holds text and no elements", "remove b"],
    ),
    "value": (
        UBL, "2026-03-02", "02.03.2026",
        "structure-value", "/Invoice/cbc:IssueDate", 5, ["cbc:IssueDate", '"02.03.2026"', "YYYY-MM-DD"],
    ),
    "empty value": (
        UBL, ">12.50</cbc:PayableAmount>", "/>",
        "structure-value", "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount", 14, ["cbc:PayableAmount is empty", "decimal"],
    ),
    "value of an attribute": (
        UBL, "<cbc:Note>", '<cbc:Note languageID="d e">',
        "structure-value", "/Invoice/cbc:Note/@languageID", 6, ["languageID of cbc:Note", '"d e"', "language code"],
    ),
    "fixed attribute": (
        CII, 'listID="1001"', 'listID="1002"',
        "structure-value", "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument/ram:TypeCode/@listID", 7,
        ["listID of ram:TypeCode", "1001", "left out"],
    ),
    "missing attribute": (
        UBL, ' currencyID="EUR">12.50</cbc:Payable', ">12.50</cbc:Payable",
        "structure-attribute", "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount/@currencyID", 14,
        ["cbc:PayableAmount lacks the attribute currencyID", "add"],
    ),
    "misspelt attribute": (
        UBL, "<cbc:ID>", '<cbc:ID schemeId="x">',
        "structure-attribute", "/Invoice/cbc:ID", 4, ["cbc:ID has no attribute schemeId", "did you mean schemeID?"],
    ),
    "unknown attribute": (
        UBL, "<cac:Item/>", '<cac:Item x="1"/>',
        "structure-attribute", "/Invoice/cac:InvoiceLine/cac:Item", 19, ["cac:Item has no attribute x", "remove it"],
    ),
    "text": (
        UBL, "<cac:Contact/>", "<cac:Contact/>Ms Smith",
        "structure-text", "/Invoice/cac:AccountingSupplierParty/cac:Party", 8,
        ['"Ms Smith"', "after cac:Contact (line 9)", "cac:Party", "remove"],
    ),
    "namespace": (
        UBL, "<cac:Contact/>", "<cbc:Contact/>",
        "structure-namespace", "/Invoice/cac:AccountingSupplierParty/cac:Party/cbc:Contact", 9,
        ["cbc:Contact", "in cac:Party it must be cac:Contact", "CommonAggregateComponents-2"],
    ),
    "no namespace": (
        UBL, "<cbc:ID>1</cbc:ID>", '<ID xmlns="">1</ID>',
        "structure-namespace", "/Invoice/ID", 4, ["ID is in no namespace", "it must be cbc:ID"],
    ),
    "choice": (
        CII, "</ram:IssueDateTime>", "<udt:DateTime>2026-03-02T00:00:00</udt:DateTime></ram:IssueDateTime>",
        "structure-choice", "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTime", 10,
        ["udt:DateTime cannot stand beside udt:DateTimeString (line 9)", "one"],
    ),
    "nothing of a choice": (
        CII, '<udt:DateTimeString format="102">20260302</udt:DateTimeString>', "",
        "structure-missing", "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument/ram:IssueDateTime", 8,
        ["ram:IssueDateTime lacks udt:DateTimeString or udt:DateTime"],
    ),
    "nil": (
        UBL, "<cac:Item/>", '<cac:Item xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="false"/>',
        "structure-nil", "/Invoice/cac:InvoiceLine/cac:Item", 19, ["cac:Item must not have xsi:nil", "remove"],
    ),
    "type": (
        UBL, "<cac:Item/>", '<cac:Item xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="cac:PartyType"/>',
        "structure-xsi-type", "/Invoice/cac:InvoiceLine/cac:Item", 19, ["cac:Item", 'xsi:type="cac:PartyType"', "remove"],
    ),
}.items()}  # fmt: skip
