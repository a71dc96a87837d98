"""Everything this library raises: one tree, every message says what is wrong, where, and what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from einvoice.receivables.policy.finding import Finding as PolicyFinding
    from einvoice.report import Finding, Report


class EInvoiceError(Exception):
    """Anything this library raises on purpose."""


class Location(NamedTuple):
    """A place in a document: line (from 1), XPath, and the business term, each None where unknown."""

    line: int | None = None
    xpath: str | None = None
    term: str | None = None

    def __str__(self) -> str:
        parts = [f"line {self.line}" if self.line else "", self.term or "", self.xpath or ""]
        return ", ".join(part for part in parts if part)


class DocumentError(EInvoiceError):
    """A document that cannot be used; `source` is its file name or None, `location` the place in it."""

    def __init__(self, message: str, *, source: str | None = None, location: Location | None = None, mend: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.location = location
        self.mend = mend

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.source, str(self.location or "")) if part)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text}; {self.mend}" if self.mend else text

    def within(self, source: str | None) -> DocumentError:
        """The same error, naming the file it came from."""
        self.source = self.source or source
        return self


class MalformedXML(DocumentError):
    """The bytes are not well-formed XML."""


class UnsafeXML(DocumentError):
    """The XML asks for what a business document never needs: DTD, entities, excessive depth or size."""


class UnknownFormat(DocumentError):
    """Not an invoice this library knows: another XML vocabulary, a PDF, an archive, an empty file."""


class Unreadable(DocumentError):
    """The input has the right format but cannot become an invoice; `findings` says why, one entry a fault."""

    def __init__(
        self,
        message: str,
        findings: Sequence[Finding] = (),
        *,
        source: str | None = None,
        location: Location | None = None,
        mend: str | None = None,
    ) -> None:
        super().__init__(message, source=source, location=location, mend=mend)
        self.findings = tuple(findings)


class Loss(NamedTuple):
    """A value that the target syntax or profile has no place for: its business term, model path, text and why."""

    term: str | None
    path: str
    value: str
    reason: str


class Unwritable(DocumentError):
    """The invoice holds values that the syntax has no place for; `losses` lists them. `convert` goes on and lists them."""

    def __init__(self, message: str, losses: Sequence[Loss], *, mend: str | None = None) -> None:
        super().__init__(message, mend=mend)
        self.losses = tuple(losses)


class PDFError(DocumentError):
    """A PDF that cannot be used as a hybrid invoice, or become one."""


class MalformedPDF(PDFError):
    """The bytes begin as a PDF and are truncated or damaged beyond reading."""


class EncryptedPDF(PDFError):
    """The PDF is encrypted, which PDF/A forbids and which hides what it holds."""


class UnsafePDF(PDFError):
    """The PDF asks for what no invoice needs: a stream that unpacks beyond every measure, objects without end."""


class NoInvoice(PDFError):
    """The PDF carries no invoice; `attachments` are the names of the files that it does carry."""

    def __init__(self, message: str, attachments: Sequence[str] = (), *, source: str | None = None, mend: str | None = None) -> None:
        super().__init__(message, source=source, mend=mend)
        self.attachments = tuple(attachments)


class SeveralInvoices(PDFError):
    """The PDF carries several invoices with an equal claim; `candidates` are their names."""

    def __init__(self, message: str, candidates: Sequence[str], *, source: str | None = None, mend: str | None = None) -> None:
        super().__init__(message, source=source, mend=mend)
        self.candidates = tuple(candidates)


class NotArchivable(PDFError):
    """The PDF cannot become PDF/A-3; `findings` name each condition that it breaks and what to change."""

    def __init__(self, message: str, findings: Sequence[Finding], *, source: str | None = None, mend: str | None = None) -> None:
        super().__init__(message, source=source, mend=mend)
        self.findings = tuple(findings)


class RenderError(EInvoiceError):
    """An invoice that cannot be rendered: a house style or a template that is wrong."""


class MissingGlyph(RenderError):
    """No font at hand has a character of the invoice; `character` is it, `term` the business term that holds it, None where unknown."""

    def __init__(self, message: str, character: str, term: str | None = None) -> None:
        super().__init__(message)
        self.character = character
        self.term = term


class CalculationError(EInvoiceError):
    """An invoice that cannot be calculated: a line lacks its price, a VAT category its rate."""

    def __init__(self, message: str, *, term: str | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.term = term
        self.path = path


class Contradiction(CalculationError):
    """A total that was given differs from the calculated one by more than the tolerance."""

    def __init__(self, *, term: str, path: str, given: Decimal, calculated: Decimal) -> None:
        self.given = given
        self.calculated = calculated
        self.difference = given - calculated
        super().__init__(
            f"{path} ({term}) is given as {given} but calculates to {calculated}: a difference of {self.difference}; "
            "correct it or leave it out",
            term=term,
            path=path,
        )


class NotValid(EInvoiceError):
    """Raised by `report.require_valid()` only: the document is invalid or was not judged."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.summary())
        self.report = report


class ArtefactError(EInvoiceError):
    """An official artefact (XSD, stylesheet, code list) cannot be used."""


class ArtefactMissing(ArtefactError):
    """An official artefact is not installed."""


class ChecksumMismatch(ArtefactError):
    """An official artefact is not the one that was pinned."""


class SettingsError(EInvoiceError):
    """A setting is missing, unknown or out of range."""


class DatabaseError(EInvoiceError):
    """The database cannot be reached, or is not what this release expects."""


class OutboxError(EInvoiceError):
    """An effect outside cannot become what was asked: an illegal change of state, a confirmation that does not fit."""


class BadSignature(OutboxError):
    """A webhook was not signed with a secret that we share, or not now."""


class PeppolError(EInvoiceError):
    """Anything that goes wrong between access points."""


class BadIdentifier(PeppolError):
    """An identifier that the network's policy or its own check digits refuse."""


class ParticipantNotFound(PeppolError):
    """The receiver is not registered in the network."""


class ServiceNotFound(PeppolError):
    """The receiver is registered, and does not take this type of document, or not now."""


class LookupFailed(PeppolError):
    """The network could not be asked; nothing is known about the receiver."""


class CertificateError(PeppolError):
    """A certificate is not trusted, not valid or not for this use."""


class SignatureError(PeppolError):
    """A signature that is wrong, or whose parts do not stand as they should."""


class UnacceptedAlgorithm(SignatureError):
    """A signature by an algorithm that the network does not use; it was not verified."""


class NotChecked(CertificateError):
    """Whether a certificate was revoked cannot be found out now: nothing is wrong with it that is known, and it is not trusted."""


class TransportError(PeppolError):
    """The other access point could not be reached or broke off; `sent` says that what we sent may have arrived all the same."""

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent


class ReceiptError(PeppolError):
    """A receipt is missing or does not prove what was sent."""


class Rejected(PeppolError):
    """The other side refused the message; `code` is its word for it (`EBMS:0004`), None where it gave none."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class ReceivablesError(EInvoiceError):
    """Anything the receivables engine refuses."""


class PolicyError(ReceivablesError):
    """A policy of reminders that cannot be used; `findings` names every fault with its line and mend."""

    def __init__(self, message: str, findings: Sequence[PolicyFinding] = ()) -> None:
        super().__init__("\n".join([message, *map(str, findings)]))
        self.findings = tuple(findings)
