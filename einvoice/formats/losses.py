"""What a syntax, or a level of Factur-X, has no place for: the model's paths that its binding does not name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from einvoice.errors import Loss
from einvoice.formats import excerpt
from einvoice.formats.syntax import Document
from einvoice.model.invoice import Invoice
from einvoice.paths import Value, patterned


def losses(
    invoice: Invoice, document: Document, profile: str | None = None, stated: Iterable[tuple[str, Value]] | None = None
) -> list[Loss]:
    """Every value of the invoice that the document type cannot hold; with the profile of a level, that the level cannot hold.

    `stated` are the values of the invoice (`paths.patterned`) where they are at hand.
    """
    if document is Document.CII and excerpt.is_level(profile):
        return excerpt.lost(patterned(invoice) if stated is None else stated, profile)
    if document is Document.CII:
        return [*_in_cii(invoice)]
    return [*_in_ubl(invoice, document)]


def _in_ubl(invoice: Invoice, document: Document) -> Iterator[Loss]:
    if document is Document.UBL_CREDIT_NOTE:
        yield from _third_party_payments(invoice, "a UBL credit note has no place for it")
    for name, party in (("seller", invoice.seller), ("buyer", invoice.buyer)):
        if party and party.contact and party.contact.department:
            yield Loss(None, f"{name}.contact.department", party.contact.department, "UBL has one name for a contact")


def _in_cii(invoice: Invoice) -> Iterator[Loss]:
    yield from _third_party_payments(invoice, "the extension is for UBL invoices only")
    yield from _unnamed(invoice.lines, "lines")


def _third_party_payments(invoice: Invoice, reason: str) -> Iterator[Loss]:
    for position, paid in enumerate(invoice.third_party_payments):
        yield Loss("BG-DEX-09", f"third_party_payments[{position}]", str(paid.amount), reason)


def _unnamed(lines: tuple[Any, ...], path: str) -> Iterator[Loss]:
    """Lines within a line that has no identifier: CII names the parent by it."""
    for position, line in enumerate(lines):
        if line.lines and not line.identifier:
            yield Loss("BT-126", f"{path}[{position}].identifier", "", "CII names a line's parent by its identifier")
        if line.lines:
            yield from _unnamed(line.lines, f"{path}[{position}].lines")
