"""Opening a PDF that anybody may have sent: bounded, nothing repaired, every refusal by name.

A damaged file is not repaired, because what a repair finds may be an older revision, or half an invoice.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pikepdf

from einvoice import settings
from einvoice.errors import DocumentError, EncryptedPDF, MalformedPDF, NoInvoice, UnknownFormat, UnsafePDF, UnsafeXML
from einvoice.formats import guard, vocabularies
from einvoice.pdf import bounds, unpacking

logging.getLogger("pikepdf").addHandler(logging.NullHandler())  # what qpdf says of a file is in our errors, not on standard error

_TAIL = 1_024
_AGAIN = "ask for the file again, or transfer it again"
_PLAIN = "ask for the file without a password; PDF/A allows none"
_LARGER = "raise the setting [documents] max_size (EINVOICE_DOCUMENTS_MAX_SIZE) if such documents are expected"
_SPACE = rb"(?:[\0\t\n\f\r ]|%[^\r\n]*+[\r\n])*+"
_LZW = re.compile(rb"/LZW(?:Decode)?[\0\t\n\f\r \]/>%(<\[]")
_ELSEWHERE = re.compile(rb"/Filter%(space)b(?:\[[^\]]{0,400}?)?\d+%(space)b\d+%(space)bR" % {b"space": _SPACE})
_ESCAPED = re.compile(rb"/[!-$&'*-.0-;=?-Z\\^-z|~]{0,60}#[0-9A-Fa-f]{2}[!-$&'*-.0-;=?-Z\\^-z|~]{0,60}")
_TELLING = (b"/LZW", b"/LZWDecode", b"/Filter", b"/XRef", b"/ObjStm")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_XREF = re.compile(rb"\bobj\b[^\0]{0,2000}?/XRef\b[^\0]{0,2000}?\bstream\r?\n")
_DECODE = re.compile(rb"/[A-Za-z0-9]+Decode\b")
_EXCEEDED = "limit exceeded"
_HARMLESS = ("reported number of objects", "; repairing")
_UPDATE = re.compile(rb"(?:\A|[\r\n])\s*\d| obj\b|\bxref\b")


is_pdf = vocabularies.is_pdf


class Opened(NamedTuple):
    """A PDF that is open: what pikepdf makes of it, and its bytes; `max_size` is the most that any of its streams may unpack to."""

    pdf: pikepdf.Pdf
    data: bytes
    name: str | None
    max_size: int

    def unpacked(self, stream: pikepdf.Object) -> bytes:
        """What a stream holds.

        Raises UnsafePDF where that is more than `max_size`, MalformedPDF where it does not unpack.
        """
        return unpacking.unpacked(stream, self.max_size)


@contextmanager
def opened(source: bytes | Path | BinaryIO, *, name: str | None = None, max_size: int | None = None) -> Iterator[Opened]:
    """The PDF in a file, a stream or bytes; `max_size` is in bytes, by default the setting's.

    While it is open, qpdf is bounded in the whole process (`bounds`). What qpdf cannot make sense of within the block is a
    MalformedPDF, too.
    Raises UnknownFormat, MalformedPDF, EncryptedPDF, UnsafePDF or Unreadable, each naming `name` (by default the file's).
    """
    label = name or guard.label(source)
    limit = settings.current().documents.max_size if max_size is None else max_size
    try:
        data = _complete(_loaded(source, limit))
        with bounds.applied(limit), _open(data, limit) as pdf:
            yield from _used(Opened(pdf, data, label, limit))
    except DocumentError as fault:
        raise fault.within(label) from None
    except (pikepdf.PdfError, UnicodeDecodeError, RecursionError, MemoryError) as fault:
        raise _damaged(fault).within(label) from None


def _used(found: Opened) -> Iterator[Opened]:
    """What is open; in the end qpdf's warnings say whether what was absent in it had been there."""
    try:
        yield found
    except NoInvoice:
        if said := _warnings(found.pdf):
            raise _damaged(said[0]) from None
        raise
    if (said := _warnings(found.pdf)) and _EXCEEDED in said[0]:
        raise _damaged(said[0])


def _warnings(pdf: pikepdf.Pdf) -> list[str]:
    """What qpdf found damaged, the gravest first; what many programs get wrong and does no harm is not among it."""
    said = [text for text in map(str, pdf.get_warnings()) if not any(part in text for part in _HARMLESS)]
    return sorted(said, key=lambda text: _EXCEEDED not in text)


def _loaded(source: bytes | Path | BinaryIO, limit: int) -> bytes:
    try:
        return guard.loaded(source, limit)
    except UnsafeXML as fault:
        raise UnsafePDF(fault.message, mend=fault.mend) from None


def _complete(data: bytes) -> bytes:
    """The bytes of a PDF whose end is there.

    Raises UnknownFormat, MalformedPDF or UnsafePDF.
    """
    if not is_pdf(data):
        fault = vocabularies.refuse_bytes(data) or UnknownFormat("this is no PDF")
        fault.mend = "name a PDF"
        raise fault
    end = data.rfind(b"%%EOF")
    rest = data[end + 5 :]
    if end < 0 or len(rest) > _TAIL or _UPDATE.search(rest):
        raise MalformedPDF("the end of the PDF is missing: it was cut off", mend=_AGAIN)
    _refuse_unmeasured(data)
    return data


def _refuse_unmeasured(data: bytes) -> None:
    """Raises UnsafePDF where qpdf might unpack objects by LZW, which it does without measure.

    Only cross-reference and object streams are unpacked before we see them; their filters are names that stand in the file, where
    nobody but an attacker disguises them.
    """
    disguised = any(_ESCAPE.sub(_plain, name[0]) in _TELLING for name in _ESCAPED.finditer(data))
    if disguised or (b"XRef" in data and (_LZW.search(data) or _ELSEWHERE.search(data))):
        raise UnsafePDF("its objects may be packed by LZW, which has no measure", mend="ask for a PDF/A, which has none of that")


def _plain(escaped: re.Match[bytes]) -> bytes:
    return bytes((int(escaped[1], 16),))


def _open(data: bytes, limit: int) -> pikepdf.Pdf:
    try:
        with _file(data) as file:
            pdf = pikepdf.open(
                file, attempt_recovery=False, suppress_warnings=True, inherit_page_attributes=False, access_mode=pikepdf.AccessMode.mmap
            )
    except pikepdf.PasswordError:
        raise EncryptedPDF("the PDF is encrypted with a password", mend=_PLAIN) from None
    except pikepdf.PdfError:
        _refuse_bombs(data, limit)
        raise
    if pdf.is_encrypted:
        pdf.close()
        raise EncryptedPDF("the PDF is encrypted", mend=_PLAIN)
    return pdf


@contextmanager
def _file(data: bytes) -> Iterator[BinaryIO]:
    """The bytes as a file: on Linux one in memory, which qpdf maps; of any other it asks for a few bytes at a time, and keeps it."""
    if sys.platform != "linux":
        yield BytesIO(data)
        return
    with os.fdopen(os.memfd_create("pdf"), "w+b") as file:
        file.write(data)
        file.flush()
        yield file


def _refuse_bombs(data: bytes, limit: int) -> None:
    """Raises UnsafePDF where a cross-reference stream unpacks to more than the limit; qpdf says only that it could not read it."""
    for stream in _XREF.finditer(data):
        names = [name.decode() for name in _DECODE.findall(stream[0])]
        with suppress(MalformedPDF):
            unpacking.unpacked_by(names, data[stream.end() :], limit)


def _damaged(fault: object) -> DocumentError:
    """What qpdf says, without the names that it gives to streams in memory."""
    said = re.sub(r"^.*?<[^>]*>[^:]*: ", "", str(fault), count=1) or type(fault).__name__
    if _EXCEEDED in said:
        return UnsafePDF(f"the PDF unpacks to more than it may: {said}", mend=_LARGER)
    return MalformedPDF(f"the PDF is damaged: {said}", mend=_AGAIN)
