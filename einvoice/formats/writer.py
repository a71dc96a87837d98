"""Writing: an invoice becomes a document, deterministic and in the order that the structure wants."""

from __future__ import annotations

from einvoice.errors import Loss, Unwritable
from einvoice.formats import ubl
from einvoice.formats.losses import losses
from einvoice.formats.profile import with_profile
from einvoice.formats.syntax import NAMESPACES, Document, Syntax
from einvoice.formats.writing import Context, compiled
from einvoice.model.invoice import Invoice

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ROOTS = {
    Document.UBL_INVOICE: ("Invoice", {"": "inv", "cac": "cac", "cbc": "cbc"}),
    Document.UBL_CREDIT_NOTE: ("CreditNote", {"": "cn", "cac": "cac", "cbc": "cbc"}),
    Document.CII: ("rsm:CrossIndustryInvoice", {"rsm": "rsm", "ram": "ram", "udt": "udt", "qdt": "qdt"}),
}


def write(invoice: Invoice, syntax: Syntax = Syntax.UBL, *, profile: str | None = None) -> bytes:
    """The invoice as a document in UTF-8: UBL Invoice or CreditNote by its type code, or CII D16B.

    `profile` names the specification to write (BT-24) with its process (BT-23); None keeps the invoice's own.
    What is absent is not invented: an invoice that lacks what the structure requires is written without it, and a check says so.
    Under the profile of a Factur-X level CII has only what the level has.
    Raises Unwritable where the syntax or the level has no place for a business term of this invoice, which for MINIMUM and BASIC WL is
    every invoice with lines; `convert` writes it all the same.
    """
    target = with_profile(invoice, profile)
    document = document_of(target, Syntax(syntax))
    lost = [loss for loss in losses(target, document, profile) if loss.term]
    if lost:
        raise _unwritable(lost, document)
    return written(target, document, profile)


def document_of(invoice: Invoice, syntax: Syntax) -> Document:
    """The document type that carries this invoice in the syntax."""
    if syntax is Syntax.CII:
        return Document.CII
    return Document.UBL_CREDIT_NOTE if invoice.is_credit_note else Document.UBL_INVOICE


def written(invoice: Invoice, document: Document, profile: str | None = None) -> bytes:
    """The document, whatever it or the level of that profile cannot hold left out."""
    root, prefixes = _ROOTS[document]
    if document is not Document.CII:
        invoice = ubl.complete(invoice)
    context = Context(invoice)
    compiled(document, profile).write(invoice, context)
    namespaces = "".join(f' xmlns{":" if prefix else ""}{prefix}="{NAMESPACES[name]}"' for prefix, name in prefixes.items())
    return f"{_DECLARATION}<{root}{namespaces}>{''.join(context.out)}</{root}>\n".encode()


def _unwritable(lost: list[Loss], document: Document) -> Unwritable:
    named = "; ".join(f"{loss.path} ({loss.term}): {loss.reason}" for loss in lost[:3])
    more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
    return Unwritable(f"{document} has no place for {named}{more}", lost, mend="use convert, which lists what is lost, or leave it out")
