"""Writing: in the order of the structure, deterministic, nothing invented, nothing lost without a word."""

from __future__ import annotations

from decimal import Decimal

import pytest

from einvoice.errors import SettingsError, Unwritable
from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.formats.reader import read
from einvoice.formats.syntax import Document, Syntax
from einvoice.formats.writer import write
from einvoice.model import (
    Buyer,
    CreditTransfer,
    Delivery,
    DirectDebit,
    Invoice,
    Line,
    Note,
    Payee,
    PaymentInstructions,
    Period,
    PrecedingInvoice,
    Price,
    Seller,
    ThirdPartyPayment,
    Totals,
    VATBreakdown,
)
from tests.formats.documents import UBL

MINIMAL = Invoice(
    number="1",
    issue_date="2026-01-31",
    type_code="380",
    currency_code="EUR",
    totals=Totals(amount_due=Decimal("1E+3")),
    lines=(Line(identifier="1", net_amount=Decimal("0.10"), price=Price(net=Decimal("0.1"))),),
)


def fatal(data: bytes) -> list[str]:
    return [finding.rule for finding in structure.check(parse(data).root)]


@pytest.mark.parametrize("syntax", list(Syntax))
def test_what_the_structure_requires_is_there(syntax: Syntax) -> None:
    assert fatal(write(MINIMAL, syntax)) == []


def test_a_number_is_written_without_exponent() -> None:
    assert b'<cbc:PayableAmount currencyID="EUR">1000</cbc:PayableAmount>' in write(MINIMAL)


def test_the_type_code_decides_the_document() -> None:
    credit = MINIMAL.model_copy(update={"type_code": "381", "payment_due_date": None})
    assert parse(write(credit)).document is Document.UBL_CREDIT_NOTE
    assert fatal(write(credit)) == []


def test_special_characters_survive() -> None:
    invoice = MINIMAL.model_copy(update={"notes": (Note(text="<&>\"' \r\n]]> \t€ \U0001f4a1"),), "number": 'a"<b'})
    for syntax in Syntax:
        assert read(write(invoice, syntax)) == invoice


def test_a_sales_order_alone_has_the_order_that_ubl_wants() -> None:
    invoice = MINIMAL.model_copy(update={"sales_order_reference": "S-1"})
    data = write(invoice)
    assert b"<cac:OrderReference><cbc:ID>NA</cbc:ID><cbc:SalesOrderID>S-1" in data
    assert fatal(data) == []
    assert read(data) == invoice


@pytest.mark.parametrize("code", ["380", "381"])
def test_a_payment_without_means_says_not_defined(code: str) -> None:
    invoice = MINIMAL.model_copy(
        update={"type_code": code, "payment": PaymentInstructions(remittance_information="RF18"), "payment_due_date": MINIMAL.issue_date}
    )
    assert fatal(write(invoice)) == []
    assert read(write(invoice)) == invoice


@pytest.mark.parametrize("syntax", list(Syntax))
def test_no_element_is_empty_but_those_that_the_structure_requires(syntax: Syntax) -> None:
    day = MINIMAL.issue_date
    invoice = MINIMAL.model_copy(update={"delivery": Delivery(date=day), "seller": Seller(name="S"), "buyer": Buyer(name="B")})
    period = MINIMAL.model_copy(update={"delivery": Delivery(period=Period(start_date=day)), "seller": Seller(name="S")})
    for each in (invoice, period):
        root = parse(write(each, syntax)).root
        empty = {element.tag.partition("}")[2] for element in root.iter() if not len(element) and not element.text}
        assert empty <= {
            "ExchangedDocumentContext",
            "AccountingCustomerParty",
            "Party",
            "Item",
            "ApplicableHeaderTradeDelivery",
            "ApplicableHeaderTradeAgreement",
        }


def test_each_account_has_payment_means_of_its_own() -> None:
    transfers = tuple(CreditTransfer(account_identifier=account) for account in ("DE75512108001245126199", "12345"))
    invoice = MINIMAL.model_copy(update={"payment": PaymentInstructions(means_code="30", credit_transfers=transfers)})
    assert write(invoice).count(b"<cbc:PaymentMeansCode>30<") == 2
    cii = write(invoice, Syntax.CII)
    assert b"<ram:IBANID>DE75512108001245126199<" in cii
    assert b"<ram:ProprietaryID>12345<" in cii


@pytest.mark.parametrize("payee", [None, Payee(name="Bank")])
def test_the_creditor_stands_with_the_payee_or_the_seller(payee: Payee | None) -> None:
    debit = PaymentInstructions(means_code="59", direct_debit=DirectDebit(creditor_identifier="DE98ZZZ09999999999"))
    invoice = MINIMAL.model_copy(update={"payee": payee, "seller": Seller(name="S"), "payment": debit})
    assert write(invoice).count(b'schemeID="SEPA"') == 1
    assert read(write(invoice)) == invoice


def test_ubl_sums_up_the_breakdown_where_no_total_is_given() -> None:
    rows = (VATBreakdown(tax_amount=Decimal("2.10"), category_code="S"), VATBreakdown(tax_amount=Decimal("0.60"), category_code="S"))
    assert b'<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">2.70<' in write(MINIMAL.model_copy(update={"vat_breakdown": rows}))


def test_further_preceding_invoices_are_kept_in_cii() -> None:
    invoice = MINIMAL.model_copy(update={"preceding_invoices": tuple(PrecedingInvoice(reference=number) for number in "ABC")})
    assert fatal(write(invoice, Syntax.CII)) == []
    assert read(write(invoice, Syntax.CII)) == invoice


def test_a_term_without_a_place_is_never_dropped_silently() -> None:
    invoice = MINIMAL.model_copy(update={"third_party_payments": (ThirdPartyPayment(type="toll", amount=Decimal(5)),)})
    with pytest.raises(Unwritable) as caught:
        write(invoice, Syntax.CII)
    assert [loss.term for loss in caught.value.losses] == ["BG-DEX-09"]
    assert read(write(invoice)) == invoice


def test_lines_within_lines_need_an_identifier_in_cii() -> None:
    inner = Line(identifier="1.1", net_amount=Decimal(1))
    lost = MINIMAL.model_copy(update={"lines": (Line(lines=(inner,)),)})
    with pytest.raises(Unwritable):
        write(lost, Syntax.CII)
    kept = MINIMAL.model_copy(update={"lines": (Line(identifier="1", lines=(inner,)),)})
    assert read(write(kept, Syntax.CII)) == kept
    assert read(write(kept)) == kept


def test_a_profile_sets_specification_and_process() -> None:
    process = read(write(MINIMAL, profile="peppol")).process
    assert process
    assert process.specification_identifier == ("urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0")
    assert process.business_process_type == "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
    with pytest.raises(SettingsError):
        write(MINIMAL, profile="pepol")


def test_writing_twice_gives_the_same_bytes() -> None:
    invoice = read(UBL.encode())
    assert write(invoice) == write(invoice)
    assert read(write(invoice)) == invoice
