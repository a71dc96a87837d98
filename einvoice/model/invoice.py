"""The invoice: EN 16931-1:2017+A1:2019 as one immutable value, credit notes included."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PrivateAttr

from einvoice.model.amounts import DocumentAllowanceCharge, Totals, VATBreakdown
from einvoice.model.line import Line
from einvoice.model.party import Buyer, PartyIdentifier, Payee, Seller, TaxRepresentative
from einvoice.model.payment import PaymentInstructions, ThirdPartyPayment
from einvoice.model.references import Delivery, Note, PrecedingInvoice, ProcessControl, SupportingDocument
from einvoice.model.types import Code, Date, Group, Many, Maybe, Text, term, terms
from einvoice.model.unread import Unread


def _code_text(value: object) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


TypeCode = Annotated[Code, BeforeValidator(_code_text)]

CREDIT_NOTE_CODES = frozenset("81 83 261 262 296 308 381 396 420 458 502 503 532".split())


class Invoice(Group):
    """An invoice or credit note (EN 16931-1). Every term is optional; the business rules judge what is missing."""

    number: Text | None = term("BT-1")
    issue_date: Date | None = term("BT-2")
    type_code: TypeCode | None = term("BT-3")
    currency_code: Code | None = term("BT-5")
    vat_accounting_currency_code: Code | None = term("BT-6")
    tax_point_date: Date | None = term("BT-7")
    tax_point_date_code: Literal["3", "35", "432"] | None = term("BT-8")
    payment_due_date: Date | None = term("BT-9")
    buyer_reference: Text | None = term("BT-10")
    project_reference: Text | None = term("BT-11")
    contract_reference: Text | None = term("BT-12")
    purchase_order_reference: Text | None = term("BT-13")
    sales_order_reference: Text | None = term("BT-14")
    receiving_advice_reference: Text | None = term("BT-15")
    despatch_advice_reference: Text | None = term("BT-16")
    tender_or_lot_reference: Text | None = term("BT-17")
    invoiced_object_identifier: PartyIdentifier | None = term("BT-18", scheme="BT-18-1")
    buyer_accounting_reference: Text | None = term("BT-19")
    payment_terms: Text | None = term("BT-20")
    notes: Many[Note] = terms("BG-1")
    process: Maybe[ProcessControl] = term("BG-2")
    preceding_invoices: Many[PrecedingInvoice] = terms("BG-3")
    seller: Maybe[Seller] = term("BG-4")
    buyer: Maybe[Buyer] = term("BG-7")
    payee: Maybe[Payee] = term("BG-10")
    tax_representative: Maybe[TaxRepresentative] = term("BG-11")
    delivery: Maybe[Delivery] = term("BG-13")
    payment: Maybe[PaymentInstructions] = term("BG-16")
    allowances: Many[DocumentAllowanceCharge] = terms(
        "BG-20",
        amount="BT-92",
        base_amount="BT-93",
        percentage="BT-94",
        vat_category_code="BT-95",
        vat_rate="BT-96",
        reason="BT-97",
        reason_code="BT-98",
    )
    charges: Many[DocumentAllowanceCharge] = terms(
        "BG-21",
        amount="BT-99",
        base_amount="BT-100",
        percentage="BT-101",
        vat_category_code="BT-102",
        vat_rate="BT-103",
        reason="BT-104",
        reason_code="BT-105",
    )
    totals: Maybe[Totals] = term("BG-22")
    vat_breakdown: Many[VATBreakdown] = terms("BG-23")
    supporting_documents: Many[SupportingDocument] = terms("BG-24")
    lines: Many[Line] = terms("BG-25")
    third_party_payments: Many[ThirdPartyPayment] = terms("BG-DEX-09")

    _unread: tuple[Unread, ...] = PrivateAttr(default=())

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What the document held and the model could not; no part of equality, empty for an invoice made in Python."""
        return self._unread

    @property
    def is_credit_note(self) -> bool:
        """True where the type code (BT-3) is one that UBL writes as CreditNote."""
        return self.type_code in CREDIT_NOTE_CODES

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Invoice) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))
