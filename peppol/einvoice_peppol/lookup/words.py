"""Document types by the words that people use for them: `invoice`, `mls`, or a name of the network's list."""

from __future__ import annotations

from difflib import get_close_matches

from einvoice.errors import BadIdentifier
from einvoice_peppol.identifiers import documents
from einvoice_peppol.identifiers.lists import State, code_list, today
from einvoice_peppol.identifiers.values import WILDCARD, DocumentType

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_INVOICE = f"{_UBL}Invoice-2::Invoice##"
_CREDIT_NOTE = f"{_UBL}CreditNote-2::CreditNote##"
_RESPONSE = f"{_UBL}ApplicationResponse-2::ApplicationResponse##"
_EN16931 = "urn:cen.eu:en16931:2017#compliant#"

WORDS = {
    "invoice": DocumentType(f"{_INVOICE}{_EN16931}urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"),
    "credit-note": DocumentType(f"{_CREDIT_NOTE}{_EN16931}urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"),
    "self-billing": DocumentType(f"{_INVOICE}{_EN16931}urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0::2.1"),
    "self-billing-credit-note": DocumentType(f"{_CREDIT_NOTE}{_EN16931}urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0::2.1"),
    "nlcius": DocumentType(f"{_INVOICE}{_EN16931}urn:fdc:nen.nl:nlcius:v1.0::2.1"),
    "nlcius-credit-note": DocumentType(f"{_CREDIT_NOTE}{_EN16931}urn:fdc:nen.nl:nlcius:v1.0::2.1"),
    "xrechnung": DocumentType(f"{_INVOICE}{_EN16931}urn:xeinkauf.de:kosit:xrechnung_3.0::2.1"),
    "xrechnung-credit-note": DocumentType(f"{_CREDIT_NOTE}{_EN16931}urn:xeinkauf.de:kosit:xrechnung_3.0::2.1"),
    "pint-eu": DocumentType(f"{_INVOICE}urn:peppol:pint:billing-1@eu-1::2.1", WILDCARD),
    "pint-eu-credit-note": DocumentType(f"{_CREDIT_NOTE}urn:peppol:pint:billing-1@eu-1::2.1", WILDCARD),
    "invoice-response": DocumentType(f"{_RESPONSE}urn:fdc:peppol.eu:poacc:trns:invoice_response:3::2.1"),
    "mlr": DocumentType(f"{_RESPONSE}urn:fdc:peppol.eu:poacc:trns:mlr:3::2.1"),
    "mls": DocumentType(f"{_RESPONSE}urn:peppol:edec:mls:1.0::2.1"),
}
"""Short words for the document types that are asked for most."""


def document(text: str) -> DocumentType:
    """The document type that a text means: a word of ours, a name of the network's list, or an identifier.

    Raises BadIdentifier.
    """
    wanted = " ".join(text.split()).lower()
    if wanted in WORDS:
        return WORDS[wanted]
    if "##" in text:
        return documents.parse(text)
    listed = {
        entry.name.lower(): DocumentType(entry.code, entry.scheme)
        for entry in code_list("documents").entries.values()
        if entry.on(today()) is not State.REMOVED
    }
    if wanted in listed:
        return listed[wanted]
    near = get_close_matches(wanted, [*WORDS, *listed], n=3)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"the words are {', '.join(WORDS)}"
    raise BadIdentifier(f"{text!r} is no document type; {hint}")


def called(kind: DocumentType) -> str:
    """What the network's list calls a document type; empty where it has none such."""
    entry = documents.entry(kind)
    return entry.name if entry else ""
