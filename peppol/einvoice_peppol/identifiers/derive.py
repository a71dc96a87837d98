"""From an invoice to what the network wants to know of it: document type, process, who sends, who receives, the country of the sender."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from einvoice import documents as read_documents
from einvoice.errors import BadIdentifier
from einvoice.formats.reader import read_root
from einvoice.formats.syntax import Document, Syntax
from einvoice.model import Invoice
from einvoice.model.types import Identifier
from einvoice_peppol.identifiers import participants, processes
from einvoice_peppol.identifiers.countries import is_country
from einvoice_peppol.identifiers.documents import split
from einvoice_peppol.identifiers.lists import Entry, State, code_list, today
from einvoice_peppol.identifiers.values import DocumentType, Participant, Process

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_ROOTS = {
    Document.UBL_INVOICE: (f"{_UBL}Invoice-2", "Invoice"),
    Document.UBL_CREDIT_NOTE: (f"{_UBL}CreditNote-2", "CreditNote"),
    Document.CII: ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "CrossIndustryInvoice"),
}
_ANY = "urn:fdc:peppol.eu:poacc:en16931:any"
"""The process of plain EN 16931, whatever BT-23 says."""


class Derived(NamedTuple):
    """What was derived: `sender` is who sends (the buyer, where it bills itself), None where the invoice names no participant.

    `country` is the sender's (C1) as ISO 3166-1 alpha-2, `number` BT-1, `profile` BT-24.
    """

    document: DocumentType
    process: Process
    sender: Participant | None
    receiver: Participant | None
    country: str | None
    number: str | None
    profile: str


def of(document: Invoice | bytes | Path, *, syntax: Syntax = Syntax.UBL, strict: bool = True, on: date | None = None) -> Derived:
    """What the network wants to know of an invoice; `syntax` is the one that an Invoice will be written in.

    The document type is that of the list (9.7) with the document's root and specification (BT-24) on the day, today by default; the
    process is BT-23 where the list has it for the document type, or the only one where BT-23 is absent. Sender and receiver are the
    electronic addresses BT-34 and BT-49 (in self-billing the other way round) where they are of a scheme of the network, their check
    digits too unless not `strict`.
    Raises BadIdentifier, and what `einvoice.read` raises.
    """
    if isinstance(document, Invoice):
        invoice, kind = document, _written(document, syntax)
    else:
        parsed = read_documents.parse(document)
        invoice, kind = read_root(parsed.root, parsed.document), parsed.document
    day = on or today()
    specification = invoice.process.specification_identifier if invoice.process else None
    entry = _entry(kind, specification or "", day)
    process = _process(entry, invoice.process.business_process_type if invoice.process else None)
    parties = _parties(invoice, day, strict=strict, turned="selfbilling" in split(entry.code).customization)
    return Derived(DocumentType(entry.code, entry.scheme), process, *parties, invoice.number, specification or "")


def _written(invoice: Invoice, syntax: Syntax) -> Document:
    if syntax is Syntax.CII:
        return Document.CII
    return Document.UBL_CREDIT_NOTE if invoice.is_credit_note else Document.UBL_INVOICE


def _entry(kind: Document, specification: str, day: date) -> Entry:
    if not specification:
        raise BadIdentifier("the invoice names no specification (BT-24); state the one that it follows, and check it against that")
    listed = [entry for entry in code_list("documents").entries.values() if _is(entry, kind)]
    found = [entry for entry in listed if split(entry.code).customization == specification]
    usable = sorted((entry for entry in found if entry.on(day) is not State.REMOVED), key=lambda entry: entry.on(day))
    if usable:
        return usable[0]
    if found:
        until = max((entry.until for entry in found if entry.until), default=None)
        raise BadIdentifier(f"{found[0].name} (BT-24 {specification}) is no longer in the network{f' since {until}' if until else ''}")
    near = get_close_matches(specification, [split(entry.code).customization for entry in listed if entry.on(day) is State.ACTIVE], n=1)
    raise BadIdentifier(
        f"no document type of the network is a {kind.value} after BT-24 {specification[:200]!r}"
        + (f"; the nearest is {near[0]!r}" if near else "; write it for a profile that the network knows, such as peppol")
    )


def _is(entry: Entry, kind: Document) -> bool:
    parts = split(entry.code)
    return (parts.namespace, parts.name) == _ROOTS[kind] and not entry.abstract


def _process(entry: Entry, stated: str | None) -> Process:
    known = [processes.parse(text) for text in entry.processes]
    found = [process for process in known if process.value == stated]
    if found or (len(known) == 1 and (not stated or known[0].value == _ANY)):
        return (found or known)[0]
    allowed = ", ".join(process.value for process in known)
    said = (
        f"the process (BT-23) {stated[:200]!r} is none of {entry.name}"
        if stated
        else f"the invoice names no process (BT-23) of {entry.name}"
    )
    raise BadIdentifier(f"{said}; state one of {allowed}")


def _parties(invoice: Invoice, day: date, *, strict: bool, turned: bool) -> tuple[Participant | None, Participant | None, str | None]:
    seller, buyer = invoice.seller, invoice.buyer
    addresses = [
        _participant(seller.electronic_address if seller else None, "BT-34", day, strict=strict),
        _participant(buyer.electronic_address if buyer else None, "BT-49", day, strict=strict),
    ]
    first = buyer if turned else seller
    code = (first.address.country_code if first and first.address else None) or ""
    country = code.upper() if is_country(code.upper()) else None
    sender, receiver = reversed(addresses) if turned else addresses
    return sender, receiver, country


def _participant(address: Identifier | None, term: str, day: date, *, strict: bool) -> Participant | None:
    if address is None or not address.value or not address.scheme or participants.scheme(address.scheme) is None:
        return None
    try:
        return participants.parse(f"{address.scheme}:{address.value}", strict=strict, on=day)
    except BadIdentifier as fault:
        raise BadIdentifier(f"{term}: {fault}") from None
