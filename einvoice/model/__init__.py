"""The semantic model of EN 16931-1: what an invoice says, whatever syntax it is written in."""

from einvoice.model.amounts import AllowanceCharge, DocumentAllowanceCharge, Totals, VATBreakdown
from einvoice.model.invoice import Invoice
from einvoice.model.line import Classification, Item, ItemAttribute, Line, LineVAT, Price
from einvoice.model.party import Address, Buyer, Contact, Payee, Seller, TaxRepresentative
from einvoice.model.payment import CreditTransfer, DirectDebit, PaymentCard, PaymentInstructions, ThirdPartyPayment
from einvoice.model.references import Attachment, Delivery, Note, Period, PrecedingInvoice, ProcessControl, SupportingDocument
from einvoice.model.types import Group, Identifier
from einvoice.model.unread import Unread

__all__ = [
    "Address", "AllowanceCharge", "Attachment", "Buyer", "Classification", "Contact", "CreditTransfer", "Delivery", "DirectDebit",
    "DocumentAllowanceCharge", "Group", "Identifier", "Invoice", "Item", "ItemAttribute", "Line", "LineVAT", "Note", "Payee",
    "PaymentCard", "PaymentInstructions", "Period", "PrecedingInvoice", "Price", "ProcessControl", "Seller", "SupportingDocument",
    "TaxRepresentative", "ThirdPartyPayment", "Totals", "Unread", "VATBreakdown",
]  # fmt: skip
