"""Headers, envelopes and documents for the tests of the SBDH."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import BinaryIO, cast

from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.sbdh.header import Header
from einvoice_peppol.sbdh.unwrapping import unwrap
from einvoice_peppol.sbdh.wrapping import wrap

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
BILLING = f"{INVOICE}::Invoice##urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
EDIFACT = DocumentType("urn:peppol:doctype:edifact:INVOIC##eb2b::0")
HEADER = Header(
    Participant("0208", "0428759497"),
    Participant("0106", "12345678"),
    DocumentType(BILLING),
    Process("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"),
    "BE",
    "9c1b3a52-6a5f-4a6f-9a0d-0d6a8f4f2a11",
    datetime(2026, 11, 28, 14, 0, 0, 123000, tzinfo=UTC),
)


def wrapped(document: bytes, header: Header = HEADER) -> bytes:
    into = BytesIO()
    wrap(BytesIO(document), header, into)
    return into.getvalue()


def unwrapped(envelope: bytes) -> tuple[Header, bytes]:
    into = BytesIO()
    return unwrap(BytesIO(envelope), into), into.getvalue()


class Long:
    """A stream that is made while it is read, so that a test has no document in memory."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._left) < size and (part := next(self._parts, None)) is not None:
            self._left += part
        given, self._left = self._left[:size], self._left[size:]
        return given


def long(head: bytes, part: bytes, times: int, tail: bytes) -> BinaryIO:
    """`head`, `part` so many times, `tail`."""

    def parts() -> Iterator[bytes]:
        yield head
        for _ in range(times):
            yield part
        yield tail

    return cast(BinaryIO, Long(parts()))


class Counting:
    """Counts bytes and forgets them."""

    size = 0

    def write(self, data: bytes, /) -> int:
        self.size += len(data)
        return len(data)
