"""The errors of ebMS and AS4 as values, and the exception by which one is refused (ebMS 3.0 core 6.7, AS4 profile 1.0 5.1.1)."""

from __future__ import annotations

from typing import NamedTuple

from einvoice.errors import PeppolError


class Ebms(NamedTuple):
    """An error: its code, short description, severity, category and origin."""

    code: str
    short: str
    category: str
    severity: str = "failure"
    origin: str = "ebMS"


VALUE_NOT_RECOGNIZED = Ebms("EBMS:0001", "ValueNotRecognized", "Content")
FEATURE_NOT_SUPPORTED = Ebms("EBMS:0002", "FeatureNotSupported", "Content")
VALUE_INCONSISTENT = Ebms("EBMS:0003", "ValueInconsistent", "Content")
OTHER = Ebms("EBMS:0004", "Other", "Content")
MIME_INCONSISTENCY = Ebms("EBMS:0007", "MimeInconsistency", "Unpackaging")
INVALID_HEADER = Ebms("EBMS:0009", "InvalidHeader", "Unpackaging")
PROCESSING_MODE_MISMATCH = Ebms("EBMS:0010", "ProcessingModeMismatch", "Processing")
FAILED_AUTHENTICATION = Ebms("EBMS:0101", "FailedAuthentication", "Processing", origin="Security")
FAILED_DECRYPTION = Ebms("EBMS:0102", "FailedDecryption", "Processing", origin="Security")
POLICY_NONCOMPLIANCE = Ebms("EBMS:0103", "PolicyNoncompliance", "Processing", origin="Security")
DECOMPRESSION_FAILURE = Ebms("EBMS:0303", "DecompressionFailure", "Communication")
NOT_SERVICED = "PEPPOL:NOT_SERVICED"
"""The detail of EBMS:0004 for a participant or document type that is not ours."""


class Refused(PeppolError):
    """A message that must be refused: the error to answer with, its detail for the other side, the message it is about."""

    def __init__(self, error: Ebms, detail: str, *, message_id: str | None = None) -> None:
        super().__init__(f"{error.code} {error.short}: {detail}")
        self.error = error
        self.detail = detail
        self.message_id = message_id
