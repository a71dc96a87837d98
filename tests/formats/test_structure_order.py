"""The order of children that a writer goes by."""

from __future__ import annotations

import pytest

from einvoice.formats.structure import children
from einvoice.formats.syntax import Document


def test_the_children_of_the_root_come_in_the_order_of_the_standard() -> None:
    found = children(Document.UBL_INVOICE)
    names = [name for name, _ in found]
    assert names[0] == "ext:UBLExtensions"
    assert names.index("cbc:ID") < names.index("cbc:IssueDate") < names.index("cac:AccountingSupplierParty")
    assert found[-2:] == [("cac:LegalMonetaryTotal", True), ("cac:InvoiceLine", True)]
    assert children(Document.UBL_CREDIT_NOTE)[-1] == ("cac:CreditNoteLine", True)


def test_required_is_what_every_valid_parent_has() -> None:
    required = [name for name, required in children(Document.UBL_INVOICE, ("cac:InvoiceLine",)) if required]
    assert required == ["cbc:ID", "cbc:LineExtensionAmount", "cac:Item"]


def test_alternatives_stand_side_by_side() -> None:
    path = ("rsm:ExchangedDocument", "ram:IssueDateTime")
    assert children(Document.CII, path) == [("udt:DateTimeString", False), ("udt:DateTime", False)]


def test_the_type_that_a_parent_declares_counts() -> None:
    paths = ("rsm:SupplyChainTradeTransaction", "ram:ApplicableHeaderTradeAgreement", "ram:SellerTradeParty")
    assert ("ram:GlobalID", False) in children(Document.CII, paths)


def test_a_value_and_a_wildcard_have_no_children_to_order() -> None:
    assert children(Document.UBL_INVOICE, ("cbc:ID",)) == []
    assert children(Document.UBL_INVOICE, ("ext:UBLExtensions", "ext:UBLExtension", "ext:ExtensionContent")) == []


@pytest.mark.parametrize("path", [("cac:CreditNoteLine",), ("cac:InvoiceLine", "cbc:Nothing"), ("cbc:ID", "cbc:ID"), ("x",)])
def test_an_element_that_is_not_there_raises(path: tuple[str, ...]) -> None:
    with pytest.raises(LookupError):
        children(Document.UBL_INVOICE, path)
