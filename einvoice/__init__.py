"""Read, write, calculate, convert, check, render and embed EN 16931 invoices.

Importing this package costs nothing: each public name below is loaded when it is first used.
"""

TYPE_CHECKING = False  # typing's constant, as type checkers know it by name, without the cost of importing typing
if TYPE_CHECKING:
    from einvoice.calculation import Calculated as Calculated
    from einvoice.calculation import calculate as calculate
    from einvoice.conversion import Converted as Converted
    from einvoice.documents import convert as convert
    from einvoice.documents import detect as detect
    from einvoice.documents import read as read
    from einvoice.errors import EInvoiceError as EInvoiceError
    from einvoice.formats.detect import Detected as Detected
    from einvoice.formats.syntax import Syntax as Syntax
    from einvoice.formats.writer import write as write
    from einvoice.model import Address as Address
    from einvoice.model import AllowanceCharge as AllowanceCharge
    from einvoice.model import Attachment as Attachment
    from einvoice.model import Buyer as Buyer
    from einvoice.model import Classification as Classification
    from einvoice.model import Contact as Contact
    from einvoice.model import CreditTransfer as CreditTransfer
    from einvoice.model import Delivery as Delivery
    from einvoice.model import DirectDebit as DirectDebit
    from einvoice.model import DocumentAllowanceCharge as DocumentAllowanceCharge
    from einvoice.model import Identifier as Identifier
    from einvoice.model import Invoice as Invoice
    from einvoice.model import Item as Item
    from einvoice.model import ItemAttribute as ItemAttribute
    from einvoice.model import Line as Line
    from einvoice.model import LineVAT as LineVAT
    from einvoice.model import Note as Note
    from einvoice.model import Payee as Payee
    from einvoice.model import PaymentCard as PaymentCard
    from einvoice.model import PaymentInstructions as PaymentInstructions
    from einvoice.model import Period as Period
    from einvoice.model import PrecedingInvoice as PrecedingInvoice
    from einvoice.model import Price as Price
    from einvoice.model import ProcessControl as ProcessControl
    from einvoice.model import Seller as Seller
    from einvoice.model import SupportingDocument as SupportingDocument
    from einvoice.model import TaxRepresentative as TaxRepresentative
    from einvoice.model import ThirdPartyPayment as ThirdPartyPayment
    from einvoice.model import Totals as Totals
    from einvoice.model import Unread as Unread
    from einvoice.model import VATBreakdown as VATBreakdown
    from einvoice.pdf.embed import embed as embed
    from einvoice.pdf.extract import extract as extract
    from einvoice.rendering.render import render as render
    from einvoice.report import Finding as Finding
    from einvoice.report import Report as Report
    from einvoice.report import Severity as Severity
    from einvoice.report import Verdict as Verdict
    from einvoice_validators.validate import validate as validate

_HOMES = {
    "einvoice.calculation": "Calculated calculate",
    "einvoice.conversion": "Converted",
    "einvoice.documents": "convert detect read",
    "einvoice.errors": "EInvoiceError",
    "einvoice.formats.detect": "Detected",
    "einvoice.formats.syntax": "Syntax",
    "einvoice.formats.writer": "write",
    "einvoice.model": (
        "Address AllowanceCharge Attachment Buyer Classification Contact CreditTransfer Delivery DirectDebit "
        "DocumentAllowanceCharge Identifier Invoice Item ItemAttribute Line LineVAT Note Payee PaymentCard "
        "PaymentInstructions Period PrecedingInvoice Price ProcessControl Seller SupportingDocument "
        "TaxRepresentative ThirdPartyPayment Totals Unread VATBreakdown"
    ),
    "einvoice.pdf.embed": "embed",
    "einvoice.pdf.extract": "extract",
    "einvoice.rendering.render": "render",
    "einvoice.report": "Finding Report Severity Verdict",
    "einvoice_validators.validate": "validate",
}
_PUBLIC = {name: home for home, names in _HOMES.items() for name in names.split()}


if not TYPE_CHECKING:  # a type checker that sees a module's __getattr__ would take any name for a public one

    def __getattr__(name: str) -> object:
        """Loads a public name from its home, once."""
        if name not in _PUBLIC:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - a quarter of what importing this package would cost

        value = globals()[name] = getattr(import_module(_PUBLIC[name]), name)
        return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(_PUBLIC)
