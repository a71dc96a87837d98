"""The UBL 2.1 binding (CEN/TS 16931-3-2): where each business term stands in Invoice and CreditNote."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from einvoice.formats.binding import (
    Branch,
    Choice,
    Kind,
    Leaf,
    Node,
    Table,
    amount,
    child_text,
    choice,
    constant,
    each,
    identifier,
    inside,
    leaf,
    many,
    number,
    one,
    quantity,
)
from einvoice.formats.syntax import Document, full
from einvoice.formats.ubl_party import BUYER, DELIVERY, OTHER, PAYEE, REPRESENTATIVE, SELLER, TAX_SCHEME, date
from einvoice.model.amounts import Totals

if TYPE_CHECKING:
    from einvoice.formats.facts import Walk
    from einvoice.model.invoice import Invoice

NO_ORDER = "NA"
NOT_DEFINED = ("1", "Instrument not defined")

_type_code = child_text("cbc:DocumentTypeCode")
_charge = child_text("cbc:ChargeIndicator")
_SUBTOTALS = full("cac:TaxSubtotal")
_TAX_AMOUNT = full("cbc:TaxAmount")


def _indicator(charge: bool) -> Leaf:
    return constant("true" if charge else "false", Kind.FLAG)


def _by_indicator(element: etree._Element, facts: Any) -> str:
    return {"true": "charge", "1": "charge", "false": "allowance", "0": "allowance"}.get(_charge(element, facts), OTHER)


def _by_document_type(element: etree._Element, facts: Any) -> str:
    code = _type_code(element, facts)
    return code if code in ("50", "130") else OTHER


def _by_tax_currency(element: etree._Element, facts: Any) -> str:
    """The total in accounting currency (BT-111) is the one without breakdown in another currency, or the second without one."""
    if next(element.iterchildren(_SUBTOTALS), None) is not None:
        return "invoice"
    found = next(element.iterchildren(_TAX_AMOUNT), None)
    if found is None:
        return "invoice"
    return "accounting" if (found.get("currencyID") or "") != facts.currency or facts.has("totals", "vat") else "invoice"


def _payment(document: Document) -> Branch:
    """PaymentMeans: once for each account to transfer to; a credit note's due date stands here too."""
    due = {"cbc:PaymentDueDate": date("/payment_due_date")} if document is Document.UBL_CREDIT_NOTE else {}
    return many(
        "payment.credit_transfers",
        {
            "cbc:PaymentMeansCode": leaf(
                "/payment.means_code",
                attributes={"name": "/payment.means_text"},
                filler=NOT_DEFINED[0],
                filler_attributes={"name": NOT_DEFINED[1]},
                repeats=True,
                everywhere=True,
            ),
            **due,
            "cbc:PaymentID": leaf("/payment.remittance_information", repeats=True, everywhere=True),
            "cac:CardAccount": one(
                "/payment.card",
                {
                    "cbc:PrimaryAccountNumberID": leaf("primary_account_number"),
                    "cbc:NetworkID": leaf("network", default=NO_ORDER),
                    "cbc:HolderName": leaf("holder_name"),
                },
            ),
            "cac:PayeeFinancialAccount": inside(
                {
                    "cbc:ID": leaf("account_identifier"),
                    "cbc:Name": leaf("account_name"),
                    "cac:FinancialInstitutionBranch": inside({"cbc:ID": leaf("service_provider_identifier")}),
                }
            ),
            "cac:PaymentMandate": inside(
                {
                    "cbc:ID": leaf("/payment.direct_debit.mandate_reference"),
                    "cac:PayerFinancialAccount": inside({"cbc:ID": leaf("/payment.direct_debit.debited_account_identifier")}),
                }
            ),
        },
    )


ALLOWANCE: Table = {
    "cbc:AllowanceChargeReasonCode": leaf("reason_code"),
    "cbc:AllowanceChargeReason": leaf("reason"),
    "cbc:MultiplierFactorNumeric": number("percentage"),
    "cbc:Amount": amount("amount"),
    "cbc:BaseAmount": amount("base_amount"),
}
DOCUMENT_ALLOWANCE: Table = {
    **ALLOWANCE,
    "cac:TaxCategory": inside({"cbc:ID": leaf("vat_category_code"), "cbc:Percent": number("vat_rate"), "cac:TaxScheme": TAX_SCHEME}),
}


def _allowances(table: Table) -> Choice:
    return choice(
        _by_indicator,
        {
            "allowance": many("allowances", {"cbc:ChargeIndicator": _indicator(False), **table}),
            "charge": many("charges", {"cbc:ChargeIndicator": _indicator(True), **table}),
        },
    )


BREAKDOWN: Table = {
    "cbc:TaxableAmount": amount("taxable_amount"),
    "cbc:TaxAmount": amount("tax_amount"),
    "cac:TaxCategory": inside(
        {
            "cbc:ID": leaf("category_code"),
            "cbc:Percent": number("rate"),
            "cbc:TaxExemptionReasonCode": leaf("exemption_reason_code"),
            "cbc:TaxExemptionReason": leaf("exemption_reason"),
            "cac:TaxScheme": TAX_SCHEME,
        }
    ),
}
TAX_TOTAL = choice(
    _by_tax_currency,
    {
        "invoice": inside({"cbc:TaxAmount": amount("totals.vat"), "cac:TaxSubtotal": many("vat_breakdown", BREAKDOWN)}),
        "accounting": inside({"cbc:TaxAmount": amount("totals.vat_in_accounting_currency", "$vat_currency")}),
    },
)
TOTALS: Table = {
    "cbc:LineExtensionAmount": amount("totals.sum_of_line_net_amounts"),
    "cbc:TaxExclusiveAmount": amount("totals.total_without_vat"),
    "cbc:TaxInclusiveAmount": amount("totals.total_with_vat"),
    "cbc:AllowanceTotalAmount": amount("totals.sum_of_allowances"),
    "cbc:ChargeTotalAmount": amount("totals.sum_of_charges"),
    "cbc:PrepaidAmount": amount("totals.paid_amount"),
    "cbc:PayableRoundingAmount": amount("totals.rounding_amount"),
    "cbc:PayableAmount": amount("totals.amount_due"),
}
ITEM: Table = {
    "cbc:Description": leaf("item.description"),
    "cbc:Name": leaf("item.name"),
    "cac:BuyersItemIdentification": inside({"cbc:ID": leaf("item.buyers_identifier")}),
    "cac:SellersItemIdentification": inside({"cbc:ID": leaf("item.sellers_identifier")}),
    "cac:StandardItemIdentification": inside({"cbc:ID": identifier("item.standard_identifier")}),
    "cac:OriginCountry": inside({"cbc:IdentificationCode": leaf("item.country_of_origin")}),
    "cac:CommodityClassification": many(
        "item.classifications",
        {"cbc:ItemClassificationCode": leaf("code", attributes={"listID": "scheme", "listVersionID": "version"})},
    ),
    "cac:ClassifiedTaxCategory": inside(
        {"cbc:ID": leaf("vat.category_code"), "cbc:Percent": number("vat.rate"), "cac:TaxScheme": TAX_SCHEME}
    ),
    "cac:AdditionalItemProperty": many("item.attributes", {"cbc:Name": leaf("name"), "cbc:Value": leaf("value")}),
}
PRICE: Table = {
    "cbc:PriceAmount": amount("net"),
    "cbc:BaseQuantity": quantity("base_quantity", "base_quantity_unit_code"),
    "cac:AllowanceCharge": choice(
        _by_indicator,
        {
            "allowance": inside(
                {"cbc:ChargeIndicator": _indicator(False), "cbc:Amount": amount("discount"), "cbc:BaseAmount": amount("gross")}
            )
        },
    ),
}


def _lines(document: Document) -> Table:
    """The line, which may hold lines (XRechnung extension)."""
    credit = document is Document.UBL_CREDIT_NOTE
    line: dict[str, Node] = {
        "cbc:ID": leaf("identifier"),
        "cbc:Note": leaf("note"),
        "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity": quantity("quantity", "unit_code"),
        "cbc:LineExtensionAmount": amount("net_amount"),
        "cbc:AccountingCost": leaf("buyer_accounting_reference"),
        "cac:InvoicePeriod": inside({"cbc:StartDate": date("period.start_date"), "cbc:EndDate": date("period.end_date")}),
        "cac:OrderLineReference": inside({"cbc:LineID": leaf("purchase_order_line_reference")}),
        "cac:DocumentReference": choice(
            _by_document_type,
            {"130": inside({"cbc:ID": identifier("object_identifier"), "cbc:DocumentTypeCode": constant("130")})},
        ),
        "cac:AllowanceCharge": _allowances(ALLOWANCE),
        "cac:Item": inside(ITEM),
        "cac:Price": one("price", PRICE),
    }
    line["cac:SubCreditNoteLine" if credit else "cac:SubInvoiceLine"] = many("lines", line)
    return line


def _additional_documents(document: Document) -> Choice:
    """AdditionalDocumentReference: a supporting document, the invoiced object, or a credit note's project."""
    cases: dict[str, Node] = {
        "130": inside({"cbc:ID": identifier("invoiced_object_identifier"), "cbc:DocumentTypeCode": constant("130")}),
        OTHER: many(
            "supporting_documents",
            {
                "cbc:ID": leaf("reference"),
                "cbc:DocumentDescription": leaf("description"),
                "cac:Attachment": inside(
                    {
                        "cbc:EmbeddedDocumentBinaryObject": leaf(
                            "attachment.content",
                            Kind.BINARY,
                            attributes={"mimeCode": "attachment.mime_code", "filename": "attachment.filename"},
                        ),
                        "cac:ExternalReference": inside({"cbc:URI": leaf("location")}),
                    }
                ),
            },
        ),
    }
    if document is Document.UBL_CREDIT_NOTE:
        cases["50"] = inside({"cbc:ID": leaf("project_reference"), "cbc:DocumentTypeCode": constant("50")})
    return choice(_by_document_type, cases)


PREPAID = many(
    "third_party_payments",
    {"cbc:ID": leaf("type"), "cbc:PaidAmount": amount("amount"), "cbc:InstructionID": leaf("description")},
)


def _reference(slot: str) -> Branch:
    return inside({"cbc:ID": leaf(slot)})


def _references(document: Document) -> Table:
    """Other documents that the invoice refers to."""
    return {
        "cac:OrderReference": inside(
            {"cbc:ID": leaf("purchase_order_reference", filler=NO_ORDER), "cbc:SalesOrderID": leaf("sales_order_reference")}
        ),
        "cac:BillingReference": many(
            "preceding_invoices",
            {"cac:InvoiceDocumentReference": inside({"cbc:ID": leaf("reference"), "cbc:IssueDate": date("issue_date")})},
        ),
        "cac:DespatchDocumentReference": _reference("despatch_advice_reference"),
        "cac:ReceiptDocumentReference": _reference("receiving_advice_reference"),
        "cac:OriginatorDocumentReference": _reference("tender_or_lot_reference"),
        "cac:ContractDocumentReference": _reference("contract_reference"),
        "cac:AdditionalDocumentReference": _additional_documents(document),
        **({} if document is Document.UBL_CREDIT_NOTE else {"cac:ProjectReference": _reference("project_reference")}),
    }


def table(document: Document) -> Table:
    """The whole document: Invoice or CreditNote."""
    credit = document is Document.UBL_CREDIT_NOTE
    return {
        "cbc:CustomizationID": leaf("process.specification_identifier"),
        "cbc:ProfileID": leaf("process.business_process_type"),
        "cbc:ID": leaf("number"),
        "cbc:IssueDate": date("issue_date"),
        **({} if credit else {"cbc:DueDate": date("payment_due_date")}),
        "cbc:CreditNoteTypeCode" if credit else "cbc:InvoiceTypeCode": leaf("type_code"),
        "cbc:Note": each("notes", leaf("text", Kind.NOTE)),
        "cbc:TaxPointDate": date("tax_point_date"),
        "cbc:DocumentCurrencyCode": leaf("currency_code"),
        "cbc:TaxCurrencyCode": leaf("vat_accounting_currency_code"),
        "cbc:AccountingCost": leaf("buyer_accounting_reference"),
        "cbc:BuyerReference": leaf("buyer_reference"),
        "cac:InvoicePeriod": inside(
            {
                "cbc:StartDate": date("delivery.period.start_date"),
                "cbc:EndDate": date("delivery.period.end_date"),
                "cbc:DescriptionCode": leaf("tax_point_date_code"),
            }
        ),
        **_references(document),
        "cac:AccountingSupplierParty": inside({"cac:Party": one("seller", SELLER)}),
        "cac:AccountingCustomerParty": inside({"cac:Party": one("buyer", BUYER)}),
        "cac:PayeeParty": one("payee", PAYEE),
        "cac:TaxRepresentativeParty": one("tax_representative", REPRESENTATIVE),
        "cac:Delivery": one("delivery", DELIVERY),
        "cac:PaymentMeans": _payment(document),
        "cac:PaymentTerms": inside({"cbc:Note": leaf("payment_terms")}),
        **({} if credit else {"cac:PrepaidPayment": PREPAID}),
        "cac:AllowanceCharge": _allowances(DOCUMENT_ALLOWANCE),
        "cac:TaxTotal": TAX_TOTAL,
        "cac:LegalMonetaryTotal": inside(TOTALS),
        "cac:CreditNoteLine" if credit else "cac:InvoiceLine": many("lines", _lines(document)),
    }


def complete(invoice: Invoice) -> Invoice:
    """The invoice with the VAT total that UBL wants above every breakdown: the sum of its rows (BR-CO-14), where it is not given."""
    totals = invoice.totals or Totals()
    if totals.vat is not None or not invoice.vat_breakdown:
        return invoice
    vat = sum((row.tax_amount for row in invoice.vat_breakdown if row.tax_amount is not None), Decimal(0))
    return invoice.model_copy(update={"totals": totals.model_copy(update={"vat": vat})})


def finish(walk: Walk) -> None:
    """Takes out what the structure asked for and the invoice does not say: the order "NA", the payment means "not defined"."""
    facts = walk.facts
    if facts.get("purchase_order_reference") == NO_ORDER and "sales_order_reference" in facts:
        del facts["purchase_order_reference"]
    payment = facts.get("payment")
    if payment and (payment.get("means_code"), payment.get("means_text")) == NOT_DEFINED:
        del payment["means_code"], payment["means_text"]
