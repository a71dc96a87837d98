"""Reading: every term in its place, and nothing dropped silently."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from einvoice.formats.reader import read
from tests.formats.documents import CII, UBL, patched, wrapped


def test_a_document_becomes_an_invoice() -> None:
    invoice = read(UBL.encode())
    assert invoice.number == "N-1"
    assert invoice.issue_date == datetime.date(2026, 1, 31)
    assert invoice.seller
    assert invoice.seller.name == "Seller & Sons"
    assert invoice.seller.vat_identifier == "BE0123456749"
    assert invoice.lines[0].quantity == Decimal(2)
    assert invoice.lines[0].unit_code == "C62"
    assert invoice.unread == ()


SPELLINGS = {
    "utf-8": UBL.encode(),
    "utf-8 with mark": b"\xef\xbb\xbf" + UBL.encode(),
    "utf-16": UBL.replace("UTF-8", "UTF-16").encode("utf-16"),
    "utf-16 without mark": UBL.replace("UTF-8", "UTF-16").encode("utf-16-le"),
    "iso-8859-1": UBL.replace("UTF-8", "ISO-8859-1").encode("iso-8859-1"),
    "other prefix": UBL.replace("cbc:", "x:").replace("xmlns:cbc", "xmlns:x").encode(),
    "prefixed root": UBL.replace("<Invoice xmlns=", "<i:Invoice xmlns:i=").replace("</Invoice>", "</i:Invoice>").encode(),
    "comment": UBL.replace("N-1", "N<!-- comment -->-1").encode(),
    "cdata": UBL.replace("N-1", "<![CDATA[N-1]]>").encode(),
    "processing instruction": UBL.replace("N-1", "N<?note here?>-1").encode(),
    "padded": UBL.replace("N-1", "\n   N-1\n  ").encode(),
    "sbdh": wrapped(UBL),
}


def same_invoice(data: bytes) -> bool:
    """Whether a spelling of our small invoice says what the plain one says, and nothing else."""
    invoice = read(data)
    return invoice == read(UBL.encode()) and invoice.notes[0].text == "Grüße" and invoice.unread == ()


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_of_a_document_reads_the_same(name: str) -> None:
    assert same_invoice(SPELLINGS[name])


@pytest.mark.parametrize(
    ("old", "new", "path", "value"),
    [
        ("<cbc:ID>N-1</cbc:ID>", "<cbc:ID>N-1</cbc:ID><cbc:UUID>u</cbc:UUID>", "/Invoice/cbc:UUID", "u"),
        (">12.50</cbc:Pay", ">1E3</cbc:Pay", "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount", "1E3"),
        (">12.50</cbc:Pay", ">NaN</cbc:Pay", "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount", "NaN"),
        (">12.50</cbc:Pay", ">\u0661\u0662</cbc:Pay", "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount", "\u0661\u0662"),
        (">2026-01-31<", ">2026-02-30<", "/Invoice/cbc:IssueDate", "2026-02-30"),
        (">2026-01-31<", ">2026-01-31Z<", "/Invoice/cbc:IssueDate", "2026-01-31Z"),
        ('"C62"', '"C62" unitCodeListID="x"', "/Invoice/cac:InvoiceLine/cbc:InvoicedQuantity/@unitCodeListID", "x"),
        (
            'currencyID="EUR">12.50</cbc:Pay',
            'currencyID="USD">12.50</cbc:Pay',
            "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount/@currencyID",
            "USD",
        ),
        ("<cbc:Name>Bread", "<cbc:Name>Cake</cbc:Name><cbc:Name>Bread", "/Invoice/cac:InvoiceLine/cac:Item/cbc:Name[2]", "Bread"),
        ("<cbc:ID>VAT<", "<cbc:ID>vat<", "/Invoice/cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cac:TaxScheme/cbc:ID", "vat"),
        ("<cac:Item>", "<cac:Item>loose", "/Invoice/cac:InvoiceLine/cac:Item", "loose"),
        ("</cac:Item>", "loose<!-- --></cac:Item>", "/Invoice/cac:InvoiceLine/cac:Item", "loose"),
    ],
)
def test_what_the_model_cannot_hold_is_listed(old: str, new: str, path: str, value: str) -> None:
    (unread,) = read(patched(UBL, old, new)).unread
    assert (unread.path, unread.value) == (path, value)
    assert unread.reason
    assert unread.line


def test_a_value_with_an_element_inside_is_listed_whole() -> None:
    invoice = read(patched(UBL, ">N-1<", "><cbc:X a='1'>N-2</cbc:X>N-1<"))
    assert invoice.number is None
    assert [(unread.path, unread.value) for unread in invoice.unread] == [
        ("/Invoice/cbc:ID", "N-1"),
        ("/Invoice/cbc:ID/cbc:X", "N-2"),
        ("/Invoice/cbc:ID/cbc:X/@a", "1"),
    ]


def test_many_unread_values_are_listed_in_time_that_grows_with_them() -> None:
    line = "<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:UUID>u</cbc:UUID></cac:InvoiceLine>"
    invoice = read(patched(UBL, "</Invoice>", 20_000 * line + "</Invoice>"))
    assert len(invoice.unread) == 20_000
    assert invoice.unread[-1].path == "/Invoice/cac:InvoiceLine[20001]/cbc:UUID"


def test_a_date_with_a_time_zone_is_read_without_it() -> None:
    assert read(patched(UBL, ">2026-01-31<", ">2026-01-31+01:00<")).issue_date == datetime.date(2026, 1, 31)


def test_a_second_group_that_the_norm_allows_once_is_listed_whole() -> None:
    second = "<cac:Delivery><cbc:ActualDeliveryDate>2026-01-0{}</cbc:ActualDeliveryDate></cac:Delivery>"
    invoice = read(patched(UBL, "<cac:LegalMonetaryTotal>", second.format(1) + second.format(2) + "<cac:LegalMonetaryTotal>"))
    assert invoice.delivery
    assert invoice.delivery.date == datetime.date(2026, 1, 1)
    assert [unread.value for unread in invoice.unread] == ["2026-01-02"]


def test_a_value_that_the_model_refuses_is_listed_and_the_rest_is_read() -> None:
    invoice = read(patched(UBL, ">12.50</cbc:Pay", f">{'9' * 200}</cbc:Pay"))
    assert invoice.totals is None
    assert [unread.path for unread in invoice.unread] == ["/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount"]
    assert invoice.number == "N-1"


def test_an_identifier_without_value_is_listed() -> None:
    data = patched(CII, "<ram:Name>Seller</ram:Name>", '<ram:GlobalID schemeID="0088"/><ram:Name>Seller</ram:Name>')
    invoice = read(data)
    assert [unread.value for unread in invoice.unread] == ["0088"]
    assert invoice.seller
    assert invoice.seller.name == "Seller"


def test_cii_dates_in_another_format_are_listed() -> None:
    invoice = read(patched(CII, 'format="102">20260131', 'format="610">202601'))
    assert invoice.issue_date is None
    assert {unread.value for unread in invoice.unread} == {"202601", "610"}


def test_a_line_that_names_a_parent_stands_within_it() -> None:
    child = (
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:LineID>2</ram:LineID>"
        "<ram:ParentLineID>{}</ram:ParentLineID></ram:AssociatedDocumentLineDocument>"
        "<ram:SpecifiedLineTradeSettlement/></ram:IncludedSupplyChainTradeLineItem>"
    )
    place = "<ram:ApplicableHeaderTradeAgreement>"
    invoice = read(patched(CII, place, child.format("1") + place))
    assert [line.identifier for line in invoice.lines[0].lines] == ["2"]
    orphan = read(patched(CII, place, child.format("7") + place))
    assert [line.identifier for line in orphan.lines] == ["1", "2"]
    assert [unread.value for unread in orphan.unread] == ["7"]


def test_the_net_price_tells_the_base_quantity() -> None:
    price = (
        "<ram:SpecifiedLineTradeAgreement><ram:GrossPriceProductTradePrice><ram:ChargeAmount>9</ram:ChargeAmount>"
        "<ram:BasisQuantity>5</ram:BasisQuantity></ram:GrossPriceProductTradePrice><ram:NetPriceProductTradePrice>"
        "<ram:ChargeAmount>8</ram:ChargeAmount><ram:BasisQuantity>1</ram:BasisQuantity></ram:NetPriceProductTradePrice>"
        "</ram:SpecifiedLineTradeAgreement>"
    )
    invoice = read(patched(CII, "<ram:SpecifiedLineTradeSettlement/>", price + "<ram:SpecifiedLineTradeSettlement/>"))
    assert invoice.lines[0].price
    assert invoice.lines[0].price.base_quantity == 1
    assert [unread.value for unread in invoice.unread] == ["5"]
