"""`einvoice.extract`: the invoice that a machine reads, out of the PDF that a person reads (Factur-X, ZUGFeRD, XRechnung)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from einvoice.errors import DocumentError, NoInvoice, SeveralInvoices, UnknownFormat
from einvoice.formats import guard
from einvoice.pdf import unpacking
from einvoice.pdf.attached import Attached, attached
from einvoice.pdf.claims import Claim, claims
from einvoice.pdf.levels import STANDARDS
from einvoice.pdf.opening import Opened, opened

_ORDERS = next(standard for standard in STANDARDS if "order-x.xml" in standard.filenames)
_NAMES = frozenset(name.lower() for standard in STANDARDS if standard is not _ORDERS for name in standard.filenames)
_LOOKED_AT = 1 << 16
_ROOT = re.compile(rb"<(?:[\w.-]{1,50}:)?([A-Za-z_][\w.-]{0,80})([^>]{0,8000})")
_PROLOG = re.compile(rb"(?:[\xef\xbb\xbf\xff\xfe\s]|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_ROOTS = {
    b"CrossIndustryInvoice": b"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:",
    b"CrossIndustryDocument": b"urn:ferd:CrossIndustryDocument:",
    b"Invoice": b"urn:oasis:names:specification:ubl:schema:xsd:Invoice-",
    b"CreditNote": b"urn:oasis:names:specification:ubl:schema:xsd:CreditNote-",
}
_ORDER = b"SCRDMCCBDACIOMessageStructure"
_ORDER_TYPES = {b"220": "ORDER", b"230": "ORDER_CHANGE", b"231": "ORDER_RESPONSE"}  # UNTDID 1001
_TYPE_CODE = re.compile(rb"<(?:[\w.-]{1,50}:)?TypeCode[^>]{0,200}>\s*(\d{3})\s*<")


class Hybrid(NamedTuple):
    """What is known of a hybrid: the XML's bytes, its file name and AFRelationship, and what the XMP metadata say of it.

    `level` and `version` are spelled as they stand there, None where nothing stands; `standard` is the family's name, from the
    metadata or else from the file name. `attachments` names the other files.
    """

    data: bytes
    filename: str
    relationship: str | None
    standard: str | None
    level: str | None
    version: str | None
    attachments: tuple[str, ...] = ()
    place: str = "names"


class File(NamedTuple):
    """A file that a PDF carries."""

    name: str
    data: bytes
    relationship: str | None
    mime: str | None
    description: str | None


def extract(pdf: bytes | Path | BinaryIO) -> bytes:
    """The XML of a hybrid invoice, byte for byte as it was embedded.

    Candidates are the attached files that are named as the standards name them; where there are none, those that begin as an invoice
    does. Of several the XMP metadata name one.
    Raises NoInvoice, SeveralInvoices, EncryptedPDF, MalformedPDF, UnsafePDF, and UnknownFormat for Order-X and what is no PDF.
    """
    return hybrid(pdf).data


def hybrid(pdf: bytes | Path | BinaryIO, *, name: str | None = None, max_size: int | None = None) -> Hybrid:
    """The same with all that is known of it; `max_size` in bytes, by default the setting's."""
    with opened(pdf, name=name, max_size=max_size) as found:
        return chosen(found)[0]


def files(pdf: bytes | Path | BinaryIO, *, name: str | None = None, max_size: int | None = None) -> tuple[File, ...]:
    """Every file that the PDF carries, an invoice or not.

    Raises UnsafePDF where they are larger together than the PDF may be, and the rest as `extract`.
    """
    with opened(pdf, name=name, max_size=max_size) as found:
        made, left = [], found.max_size
        for each in attached(found):
            data = unpacking.unpacked(each.stream, left)
            left -= len(data)
            made.append(File(each.name, data, each.relationship, each.mime, each.description))
        return tuple(made)


def chosen(found: Opened) -> tuple[Hybrid, Attached]:
    """The invoice of a PDF that is open, and where it hangs."""
    carried, claimed = attached(found), claims(found)
    candidates = _candidates(carried)
    if not candidates:
        raise _none(carried, claimed)
    one = _decided(found, candidates, claimed)
    data = found.unpacked(one.stream)
    if not data.strip():
        raise NoInvoice(f"{one.name} is empty", _names(carried), mend="ask for the invoice again")
    if other := guard.refused(data):
        raise other.within(f"{found.name}[{one.name}]" if found.name else one.name)
    if _ORDER in _start(data):
        raise _order(data, claimed)
    return _hybrid(one, data, carried, claimed), one


def _hybrid(one: Attached, data: bytes, carried: Sequence[Attached], claimed: Sequence[Claim]) -> Hybrid:
    said = next((claim for claim in claimed if claim.filename == one.name), claimed[0] if len(claimed) == 1 else None)
    by_name = next((each.name for each in STANDARDS if one.name.lower() in map(str.lower, each.filenames)), None)
    others = _names([each for each in carried if each is not one])
    standard = said.standard.name if said else by_name
    return Hybrid(data, one.name, one.relationship, standard, said and said.level, said and said.version, others, one.place)


def _candidates(carried: Sequence[Attached]) -> list[Attached]:
    """By name, else by what they begin with."""
    named = [each for each in carried if each.name.lower() in _NAMES]
    if named:
        return named
    return [each for each in carried if _is_invoice(unpacking.beginning(each.stream, _LOOKED_AT))]


def _decided(found: Opened, candidates: Sequence[Attached], claimed: Sequence[Claim]) -> Attached:
    """The one that the metadata name, or the only one; the same bytes twice are one."""
    meant = {claim.filename.lower() for claim in claimed if claim.filename}
    equal = [each for each in candidates if each.name.lower() in meant] or list(candidates)
    if len(equal) > 1 and _differ(equal, found.max_size):
        names = _names(equal)
        mend = "ask the sender which one counts; `einvoice extract --all` writes every one"
        raise SeveralInvoices(f"the PDF carries {len(equal)} invoices that differ: {_few(names)}", names, mend=mend)
    return equal[0]


def _differ(candidates: Sequence[Attached], limit: int) -> bool:
    """Whether not all of them hold the same bytes; all together they may unpack to the limit."""
    data = unpacking.unpacked(candidates[0].stream, limit)
    left = limit - len(data)
    for each in candidates[1:]:
        other = unpacking.unpacked(each.stream, left)
        left -= len(other)
        if other != data:
            return True
    return False


def _none(carried: Sequence[Attached], claimed: Sequence[Claim]) -> DocumentError:
    """Why there is no invoice: an order, files of another kind, or none."""
    for each in carried:
        start = unpacking.beginning(each.stream, _LOOKED_AT)
        if _ORDER in _start(start) or each.name.lower() in _ORDERS.filenames:
            return _order(start, claimed)
    names = _names(carried)
    what = f"it carries {_few(names)}" if names else "it carries no files"
    return NoInvoice(
        f"this is a PDF without an invoice that a machine can read; {what}", names, mend="ask the sender for the invoice as XML"
    )


def _order(data: bytes, claimed: Sequence[Claim]) -> UnknownFormat:
    """Order-X, with the type of the document: as the metadata state it, or by its code."""
    stated = next((claim.document_type for claim in claimed if claim.standard is _ORDERS and claim.document_type), None)
    code = _TYPE_CODE.search(data.replace(b"\0", b""))
    kind = stated or (code and _ORDER_TYPES.get(code[1])) or "a document of unknown type"
    return UnknownFormat(f"this is Order-X ({kind}), no invoice", mend="book it as an order; `einvoice extract --all` writes its files")


def _is_invoice(start: bytes) -> bool:
    """Whether XML begins as an invoice does: the name of its outermost element, in its namespace."""
    first = _ROOT.match(_start(start))
    return first is not None and _ROOTS.get(first[1], b"-") in first[2]


def _start(data: bytes) -> bytes:
    """The beginning of XML from its outermost element on, in UTF-16 as well; empty where there is none."""
    text = data[:_LOOKED_AT].replace(b"\0", b"")
    before = _PROLOG.match(text)
    return text[before.end() : text.find(b">", before.end()) + 1] if before else b""


def _names(carried: Sequence[Attached]) -> tuple[str, ...]:
    return tuple(each.name or "(without a name)" for each in carried)


def _few(names: Sequence[str]) -> str:
    return ", ".join([*(name[:80] for name in names[:5]), *(["…"] if len(names) > 5 else [])])
