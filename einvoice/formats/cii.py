"""The CII D16B binding (CEN/TS 16931-3-3): where each business term stands in a CrossIndustryInvoice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from einvoice.formats.binding import (
    Branch,
    Choice,
    Kind,
    Node,
    Table,
    child_text,
    choice,
    constant,
    identifier,
    inside,
    leaf,
    many,
    number,
    one,
    quantity,
)
from einvoice.formats.cii_lines import flat, nested
from einvoice.formats.cii_party import BUYER, OTHER, PAYEE, REPRESENTATIVE, SELLER, SHIP_TO

if TYPE_CHECKING:
    from einvoice.formats.facts import Walk

INVOICE = "Preceding invoice (BG-3)"

_indicator = child_text("ram:ChargeIndicator/udt:Indicator")
_type_code = child_text("ram:TypeCode")
_name = child_text("ram:Name")
_iban = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9 ]{8,40}", re.IGNORECASE | re.ASCII).fullmatch


def is_iban(account: str) -> bool:
    """Whether the account looks like an IBAN (ISO 13616): country, check digits, number."""
    return bool(_iban(account))


def _date(slot: str, prefix: str = "udt", **options: Any) -> Branch:
    return inside({f"{prefix}:DateTimeString": leaf(slot, Kind.DATE_102, attributes={"format": "=102"}, **options)})


def _by_indicator(element: etree._Element, facts: Any) -> str:
    return {"true": "charge", "1": "charge", "false": "allowance", "0": "allowance"}.get(_indicator(element, facts), OTHER)


def _by_price_indicator(element: etree._Element, facts: Any) -> str:
    """On a price only a discount is a business term, which needs no indicator."""
    return OTHER if _by_indicator(element, facts) == "charge" else "allowance"


def _by_document_type(element: etree._Element, facts: Any) -> str:
    code = _type_code(element, facts)
    if code in ("50", "130"):
        return code
    return INVOICE if _name(element, facts) == INVOICE else OTHER


def _by_currency(element: etree._Element, facts: Any) -> str:
    """The total in accounting currency (BT-111) is the one in another currency than the invoice's, or the second."""
    own = element.get("currencyID") in (None, facts.currency)
    return "invoice" if own and not facts.has("totals", "vat") else "accounting"


CARD = one(
    "/payment.card",
    {"ram:ID": leaf("primary_account_number"), "ram:CardholderName": leaf("holder_name"), "ram:IssuingCompanyName": leaf("network")},
)
PAYMENT_MEANS = many(
    "payment.credit_transfers",
    {
        "ram:TypeCode": leaf("/payment.means_code", repeats=True, everywhere=True),
        "ram:Information": leaf("/payment.means_text", repeats=True),
        "ram:ApplicableTradeSettlementFinancialCard": CARD,
        "ram:PayerPartyDebtorFinancialAccount": inside({"ram:IBANID": leaf("/payment.direct_debit.debited_account_identifier")}),
        "ram:PayeePartyCreditorFinancialAccount": inside(
            {
                "ram:IBANID": leaf("account_identifier", accepts=lambda transfer: is_iban(transfer.account_identifier)),
                "ram:AccountName": leaf("account_name"),
                "ram:ProprietaryID": leaf("account_identifier", accepts=lambda transfer: not is_iban(transfer.account_identifier)),
            }
        ),
        "ram:PayeeSpecifiedCreditorFinancialInstitution": inside({"ram:BICID": leaf("service_provider_identifier")}),
    },
)


def _allowances(table: Table) -> Choice:
    def case(slot: str, charge: bool) -> Node:
        indicator = inside({"udt:Indicator": constant("true" if charge else "false", Kind.FLAG)})
        return many(slot, {"ram:ChargeIndicator": indicator, **table})

    return choice(_by_indicator, {"allowance": case("allowances", False), "charge": case("charges", True)})


ALLOWANCE: Table = {
    "ram:CalculationPercent": number("percentage"),
    "ram:BasisAmount": number("base_amount"),
    "ram:ActualAmount": number("amount"),
    "ram:ReasonCode": leaf("reason_code"),
    "ram:Reason": leaf("reason"),
}
DOCUMENT_ALLOWANCE: Table = {
    **ALLOWANCE,
    "ram:CategoryTradeTax": inside(
        {"ram:TypeCode": constant("VAT"), "ram:CategoryCode": leaf("vat_category_code"), "ram:RateApplicablePercent": number("vat_rate")}
    ),
}
BREAKDOWN: Table = {
    "ram:CalculatedAmount": number("tax_amount"),
    "ram:TypeCode": constant("VAT"),
    "ram:ExemptionReason": leaf("exemption_reason"),
    "ram:BasisAmount": number("taxable_amount"),
    "ram:CategoryCode": leaf("category_code"),
    "ram:ExemptionReasonCode": leaf("exemption_reason_code"),
    "ram:TaxPointDate": inside({"udt:DateString": leaf("/tax_point_date", Kind.DATE_102, attributes={"format": "=102"}, repeats=True)}),
    "ram:DueDateTypeCode": leaf("/tax_point_date_code", Kind.TAX_POINT, repeats=True),
    "ram:RateApplicablePercent": number("rate"),
}
TOTALS: Table = {
    "ram:LineTotalAmount": number("totals.sum_of_line_net_amounts"),
    "ram:ChargeTotalAmount": number("totals.sum_of_charges"),
    "ram:AllowanceTotalAmount": number("totals.sum_of_allowances"),
    "ram:TaxBasisTotalAmount": number("totals.total_without_vat"),
    "ram:TaxTotalAmount": choice(
        _by_currency,
        {
            "invoice": leaf("totals.vat", Kind.NUMBER, attributes={"currencyID": "$currency"}),
            "accounting": leaf("totals.vat_in_accounting_currency", Kind.NUMBER, attributes={"currencyID": "$vat_currency"}),
        },
    ),
    "ram:RoundingAmount": number("totals.rounding_amount"),
    "ram:GrandTotalAmount": number("totals.total_with_vat"),
    "ram:TotalPrepaidAmount": number("totals.paid_amount"),
    "ram:DuePayableAmount": number("totals.amount_due"),
}


PRECEDING_INVOICES = many(
    "preceding_invoices",
    {"ram:IssuerAssignedID": leaf("reference"), "ram:FormattedIssueDateTime": _date("issue_date", "qdt")},
    items=lambda invoice: invoice.preceding_invoices[:1],
)
FURTHER_INVOICES = many(
    "further_invoices",
    {
        "ram:IssuerAssignedID": leaf("reference"),
        "ram:TypeCode": constant("916"),
        "ram:Name": constant(INVOICE),
        "ram:FormattedIssueDateTime": _date("issue_date", "qdt"),
    },
    items=lambda invoice: invoice.preceding_invoices[1:],
)


def _documents() -> Choice:
    """AdditionalReferencedDocument: a supporting document (916), the invoiced object (130) or the tender or lot (50)."""
    return choice(
        _by_document_type,
        {
            INVOICE: FURTHER_INVOICES,
            OTHER: many(
                "supporting_documents",
                {
                    "ram:IssuerAssignedID": leaf("reference"),
                    "ram:URIID": leaf("location"),
                    "ram:TypeCode": constant("916"),
                    "ram:Name": leaf("description"),
                    "ram:AttachmentBinaryObject": leaf(
                        "attachment.content",
                        Kind.BINARY,
                        attributes={"mimeCode": "attachment.mime_code", "filename": "attachment.filename"},
                    ),
                },
            ),
            "50": inside({"ram:IssuerAssignedID": leaf("tender_or_lot_reference"), "ram:TypeCode": constant("50")}),
            "130": _object("invoiced_object_identifier"),
        },
    )


def _object(slot: str) -> Branch:
    return inside(
        {
            "ram:IssuerAssignedID": leaf(f"{slot}.value"),
            "ram:TypeCode": constant("130"),
            "ram:ReferenceTypeCode": leaf(f"{slot}.scheme"),
        }
    )


def _reference(slot: str) -> Branch:
    return inside({"ram:IssuerAssignedID": leaf(slot)})


LINE: Table = {
    "ram:AssociatedDocumentLineDocument": inside(
        {
            "ram:LineID": leaf("identifier"),
            "ram:ParentLineID": leaf("parent"),
            "ram:IncludedNote": inside({"ram:Content": leaf("note")}),
        }
    ),
    "ram:SpecifiedTradeProduct": inside(
        {
            "ram:GlobalID": identifier("item.standard_identifier"),
            "ram:SellerAssignedID": leaf("item.sellers_identifier"),
            "ram:BuyerAssignedID": leaf("item.buyers_identifier"),
            "ram:Name": leaf("item.name"),
            "ram:Description": leaf("item.description"),
            "ram:ApplicableProductCharacteristic": many("item.attributes", {"ram:Description": leaf("name"), "ram:Value": leaf("value")}),
            "ram:DesignatedProductClassification": many(
                "item.classifications",
                {"ram:ClassCode": leaf("code", attributes={"listID": "scheme", "listVersionID": "version"})},
            ),
            "ram:OriginTradeCountry": inside({"ram:ID": leaf("item.country_of_origin")}),
        }
    ),
    "ram:SpecifiedLineTradeAgreement": inside(
        {
            "ram:BuyerOrderReferencedDocument": inside({"ram:LineID": leaf("purchase_order_line_reference")}),
            "ram:GrossPriceProductTradePrice": inside(
                {
                    "ram:ChargeAmount": number("price.gross"),
                    "ram:BasisQuantity": quantity("price.base_quantity", "price.base_quantity_unit_code", repeats=True, weak=True),
                    "ram:AppliedTradeAllowanceCharge": choice(
                        _by_price_indicator,
                        {
                            "allowance": inside(
                                {
                                    "ram:ChargeIndicator": inside({"udt:Indicator": constant("false", Kind.FLAG)}),
                                    "ram:ActualAmount": number("price.discount"),
                                }
                            )
                        },
                    ),
                },
            ),
            "ram:NetPriceProductTradePrice": inside(
                {
                    "ram:ChargeAmount": number("price.net"),
                    "ram:BasisQuantity": quantity("price.base_quantity", "price.base_quantity_unit_code", repeats=True),
                }
            ),
        }
    ),
    "ram:SpecifiedLineTradeDelivery": inside({"ram:BilledQuantity": quantity("quantity", "unit_code")}),
    "ram:SpecifiedLineTradeSettlement": inside(
        {
            "ram:ApplicableTradeTax": inside(
                {
                    "ram:TypeCode": constant("VAT"),
                    "ram:CategoryCode": leaf("vat.category_code"),
                    "ram:RateApplicablePercent": number("vat.rate"),
                }
            ),
            "ram:BillingSpecifiedPeriod": inside(
                {"ram:StartDateTime": _date("period.start_date"), "ram:EndDateTime": _date("period.end_date")}
            ),
            "ram:SpecifiedTradeAllowanceCharge": _allowances(ALLOWANCE),
            "ram:SpecifiedTradeSettlementLineMonetarySummation": inside({"ram:LineTotalAmount": number("net_amount")}),
            "ram:AdditionalReferencedDocument": choice(_by_document_type, {"130": _object("object_identifier")}),
            "ram:ReceivableSpecifiedTradeAccountingAccount": inside({"ram:ID": leaf("buyer_accounting_reference")}),
        }
    ),
}

DOCUMENTS = _documents()
AGREEMENT: Table = {
    "ram:BuyerReference": leaf("buyer_reference"),
    "ram:SellerTradeParty": one("seller", SELLER),
    "ram:BuyerTradeParty": one("buyer", BUYER),
    "ram:SellerTaxRepresentativeTradeParty": one("tax_representative", REPRESENTATIVE),
    "ram:SellerOrderReferencedDocument": _reference("sales_order_reference"),
    "ram:BuyerOrderReferencedDocument": _reference("purchase_order_reference"),
    "ram:ContractReferencedDocument": _reference("contract_reference"),
    "ram:AdditionalReferencedDocument": DOCUMENTS,
    "ram:SpecifiedProcuringProject": inside({"ram:ID": leaf("project_reference"), "ram:Name": constant("Project reference")}),
}
DELIVERY: Table = {
    "ram:ShipToTradeParty": one("delivery", SHIP_TO),
    "ram:ActualDeliverySupplyChainEvent": inside({"ram:OccurrenceDateTime": _date("delivery.date")}),
    "ram:DespatchAdviceReferencedDocument": _reference("despatch_advice_reference"),
    "ram:ReceivingAdviceReferencedDocument": _reference("receiving_advice_reference"),
}
SETTLEMENT: Table = {
    "ram:CreditorReferenceID": leaf("payment.direct_debit.creditor_identifier"),
    "ram:PaymentReference": leaf("payment.remittance_information"),
    "ram:TaxCurrencyCode": leaf("vat_accounting_currency_code"),
    "ram:InvoiceCurrencyCode": leaf("currency_code"),
    "ram:PayeeTradeParty": one("payee", PAYEE),
    "ram:SpecifiedTradeSettlementPaymentMeans": PAYMENT_MEANS,
    "ram:ApplicableTradeTax": many("vat_breakdown", BREAKDOWN),
    "ram:BillingSpecifiedPeriod": inside(
        {"ram:StartDateTime": _date("delivery.period.start_date"), "ram:EndDateTime": _date("delivery.period.end_date")}
    ),
    "ram:SpecifiedTradeAllowanceCharge": _allowances(DOCUMENT_ALLOWANCE),
    "ram:SpecifiedTradePaymentTerms": inside(
        {
            "ram:Description": leaf("payment_terms"),
            "ram:DueDateDateTime": _date("payment_due_date"),
            "ram:DirectDebitMandateID": leaf("payment.direct_debit.mandate_reference"),
        }
    ),
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation": inside(TOTALS),
    "ram:InvoiceReferencedDocument": PRECEDING_INVOICES,
    "ram:ReceivableSpecifiedTradeAccountingAccount": inside({"ram:ID": leaf("buyer_accounting_reference")}),
}


def table(*, repeats: bool = False) -> Table:
    """The whole document.

    InvoiceReferencedDocument stands once in D16B: further preceding invoices stand in AdditionalReferencedDocument, under a name that
    says so. Where it `repeats`, as in the levels of Factur-X, they all stand there.
    """
    agreement, settlement = AGREEMENT, SETTLEMENT
    if repeats:
        documents = replace(DOCUMENTS, cases={key: case for key, case in DOCUMENTS.cases.items() if key != INVOICE})
        agreement = {**AGREEMENT, "ram:AdditionalReferencedDocument": documents}
        settlement = {**SETTLEMENT, "ram:InvoiceReferencedDocument": replace(PRECEDING_INVOICES, items=None)}
    return {
        "rsm:ExchangedDocumentContext": inside(
            {
                "ram:BusinessProcessSpecifiedDocumentContextParameter": inside({"ram:ID": leaf("process.business_process_type")}),
                "ram:GuidelineSpecifiedDocumentContextParameter": inside({"ram:ID": leaf("process.specification_identifier")}),
            }
        ),
        "rsm:ExchangedDocument": inside(
            {
                "ram:ID": leaf("number"),
                "ram:TypeCode": leaf("type_code"),
                "ram:IssueDateTime": _date("issue_date", filler=""),
                "ram:IncludedNote": many("notes", {"ram:Content": leaf("text"), "ram:SubjectCode": leaf("subject_code")}),
            }
        ),
        "rsm:SupplyChainTradeTransaction": inside(
            {
                "ram:IncludedSupplyChainTradeLineItem": many("lines", LINE, items=lambda invoice: flat(invoice.lines)),
                "ram:ApplicableHeaderTradeAgreement": inside(agreement),
                "ram:ApplicableHeaderTradeDelivery": inside(DELIVERY),
                "ram:ApplicableHeaderTradeSettlement": inside(settlement),
            }
        ),
    }


def finish(walk: Walk) -> None:
    """Puts the further preceding invoices behind the first, and the lines that name a parent into it."""
    facts = walk.facts
    if further := facts.pop("further_invoices", None):
        facts["preceding_invoices"] = facts.get("preceding_invoices", []) + further
    lines = facts.get("lines", ())
    if any(isinstance(line, dict) and "parent" in line for line in lines):
        facts["lines"] = nested(lines, walk)
