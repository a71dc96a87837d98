"""What a file is when it is not an invoice of ours: other XML vocabularies by their root, other formats by their first bytes."""

from __future__ import annotations

import re

from lxml import etree

from einvoice.errors import Location, UnknownFormat
from einvoice.formats.syntax import ROOTS

ACCEPTED = "accepted are UBL 2.1 Invoice and CreditNote and UN/CEFACT CrossIndustryInvoice (D16B), bare or in an SBDH envelope"

_OURS = frozenset(etree.QName(tag).namespace for tag in ROOTS)

# namespace, as a pattern -> what the vocabulary is called; the first that matches wins
_NAMESPACES = (
    (r"urn:oasis:names:specification:ubl:schema:xsd:(?:Invoice|CreditNote)-(?!2$)", "an invoice in another version of UBL"),
    (r"urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2$", "a UBL response (ApplicationResponse)"),
    (r"urn:oasis:names:specification:ubl:schema:xsd:\w+-2$", "another document of UBL 2"),
    (r"urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:", "Order-X, an order"),
    (r"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:", "a CrossIndustryInvoice of another version"),
    (r"urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:", "CDAR, a status message"),
    (r"urn:un:unece:uncefact:data:standard:", "another document of UN/CEFACT"),
    (r"urn:ferd:CrossIndustryDocument:invoice:", "ZUGFeRD 1.0"),
    (r"urn:ce\.eu:en16931:2017:xoev-de:kosit:standard:xrechnung", "KoSIT's intermediate form of XRechnung (xr)"),
    (r"http://www\.ebinterface\.at/schema/", "ebInterface"),
    (r"http://(?:ivaservizi|www)\.(?:agenziaentrate|fatturapa)\.gov\.it/", "FatturaPA"),
    (r"http://www\.facturae\.(?:gob\.)?es/", "Facturae"),
    (r"urn:sfti:documents:", "Svefaktura"),
    (r"http://rep\.oio\.dk/", "OIOXML"),
    (r"urn:eslog:", "e-SLOG"),
    (r"http://crd\.gov\.pl/wzor/", "KSeF (FA)"),
    (r"http://schemas\.nav\.gov\.hu/", "Online Számla (NAV)"),
    (r"https?://www\.aade\.gr/", "myDATA"),
    (r"http://www\.sat\.gob\.mx/cfd/", "CFDI"),
    (r"http://www\.portalfiscal\.inf\.br/", "NF-e"),
    (r"urn:gs1:ecom:", "GS1 XML"),
    (r"rrn:org\.xcbl:", "xCBL"),
    (r"http://www\.(?:opentrans|bmecat)\.org/", "openTRANS or BMEcat"),
    (r"http://ns\.hr-xml\.org/", "SETU (HR-XML)"),
    (r"http://xml\.datev\.de/", "DATEV XML"),
    (r"urn:(?:OECD|StandardAuditFile)", "SAF-T"),
    (r"urn:iso:std:iso:20022:tech:xsd:(?:camt|pain|pacs)\.", "a bank message (ISO 20022)"),
    (r"http://peppol\.eu/xsd/ticc/envelope/|urn:fdc:peppol", "a Peppol message of another kind"),
    (r"http://(?:schemas\.xmlsoap\.org/soap|www\.w3\.org/2003/05/soap)", "a SOAP message"),
    (r"http://docs\.oasis-open\.org/bdxr/ns/SMP/|http://busdox\.org/", "an SMP answer"),
    (r"http://www\.w3\.org/1999/xhtml$", "HTML"),
    (r"http://www\.w3\.org/2000/svg$", "SVG, an image"),
    (r"http://www\.w3\.org/2001/XMLSchema$", "an XML Schema"),
    (r"http://www\.w3\.org/1999/XSL/Transform$", "an XSLT stylesheet"),
    (r"http://purl\.oclc\.org/dsdl/(?:schematron|svrl)$", "Schematron"),
    (r"http://www\.w3\.org/2000/09/xmldsig#$", "an XML signature"),
    (r"http://www\.w3\.org/2001/04/xmlenc#$", "encrypted XML"),
    (r"adobe:ns:meta/$", "XMP metadata"),
)
_NAMES = {"Finvoice": "Finvoice", "INVOICE_CENTER": "TEAPPSXML", "cXML": "cXML", "html": "HTML", "HTML": "HTML", "rss": "an RSS feed"}

_EXTRACT = "take the invoice out of it: `einvoice extract`, or einvoice.extract(pdf)"
_UNPACK = "unpack it first; archives are never opened here"
_EXPORT = "ask the sender for the invoice as XML"
_XML = "save it as XML; " + ACCEPTED

# first bytes -> what the file is, what mends it
_MAGIC = (
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"\x1f\x9d", "a compress (.Z) archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "an LZ4 archive", _UNPACK),
    (b"LZIP", "an lzip archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.doc, .xls or .msg)", _EXPORT),
    (b"\x89PNG", "a PNG image", _EXPORT),
    (b"\xff\xd8\xff", "a JPEG image", _EXPORT),
    (b"GIF8", "a GIF image", _EXPORT),
    (b"II*\0", "a TIFF image", _EXPORT),
    (b"MM\0*", "a TIFF image", _EXPORT),
    (b"RIFF", "a WebP image or other RIFF file", _EXPORT),
    (b"{\\rtf", "an RTF text", _EXPORT),
    (b"%!PS", "PostScript", _EXPORT),
    (b"-----BEGIN", "a PEM file (certificate, key or signed message)", "take the signed XML out of it first"),
    (b"0\x80", "a signed file (PKCS #7, .p7m)", "take the signed XML out of it first"),
    (b"0\x82", "a signed file (PKCS #7, .p7m) or a certificate", "take the signed XML out of it first"),
    (b"PD94bWwg", "XML in base64", "decode it first"),
    (b"UNA", "an EDIFACT message", _EXPORT),
    (b"UNB+", "an EDIFACT message", _EXPORT),
    (b"ISA*", "an X12 message", _EXPORT),
    (b"SQLite format 3", "a SQLite database", _EXPORT),
    (b"\x7fELF", "a program", _EXPORT),
    (b"MZ", "a program", _EXPORT),
)
_OFFICE = ((b"word/", "a Word file (.docx)"), (b"xl/", "an Excel file (.xlsx)"), (b"opendocument", "an OpenDocument file"))
_HTML = rb"(?is)\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b"
_MAIL = rb"(?i)(?:Return-Path|Received|From|To|Subject|Date|Message-ID|MIME-Version|Content-Type|Delivered-To):[ \t]"
_JSON = rb"\s*(?:\{\s*(?:\"|\})|\[\s*(?:[\[{\"\]\d-]|true|false|null))"
_PRINTED = rb"[^\x00-\x08\x0e-\x1f\x7f]*"


def refuse_bytes(data: bytes) -> UnknownFormat | None:
    """What the bytes are where they are no XML; None where they may be XML."""
    kind = _empty(data) or _binary(data) or _text(data)
    return UnknownFormat(f"this is {kind[0]}, not an invoice in XML", mend=kind[1]) if kind else None


def _empty(data: bytes) -> tuple[str, str] | None:
    if not data:
        return "an empty file", "transfer it again"
    return None if data[:1000].strip() or data.strip() else ("a file of white space only", "transfer it again")


def is_pdf(data: bytes) -> bool:
    """Whether bytes are a PDF: its mark stands within the first 1,024 of them, and they do not say that they are XML."""
    return b"%PDF-" in data[:1024] and not data.startswith((b"<?xml", b"\xef\xbb\xbf<?xml"))


def _binary(data: bytes) -> tuple[str, str] | None:
    if b"%PDF-" in data[:1024]:
        return "a PDF", _EXTRACT
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        office = next((title for part, title in _OFFICE if part in data[:8192] or part in data[-8192:]), None)
        return (office, _EXPORT) if office else ("a zip archive", _UNPACK)
    if data[257:262] == b"ustar":
        return "a tar archive", _UNPACK
    return next(((title, mend) for magic, title, mend in _MAGIC if data.startswith(magic)), None)


def _text(data: bytes) -> tuple[str, str] | None:
    head = data[:4096].lstrip(b"\xef\xbb\xbf")
    if re.match(_HTML, head):
        return "HTML", _EXPORT
    if head.lstrip()[:1] == b"<" or b"<?xml" in head or b"\0<" in head[:4] or b"<\0" in head[:4]:
        return None
    if re.match(_JSON, head):
        return "JSON", "`einvoice write` makes an invoice from a draft in JSON"
    if re.match(_MAIL, head):
        return "an e-mail message", "save its attachment and check that"
    if not re.fullmatch(_PRINTED, head):
        return "a file of unknown binary format", _XML
    return ("CSV", "`einvoice write` makes an invoice from a draft in CSV") if _is_csv(head) else ("plain text", _XML)


def _is_csv(head: bytes) -> bool:
    """Two lines with the same separator as often in each."""
    first, *others = head.splitlines()[:2]
    return any(first.count(mark) and all(line.count(mark) == first.count(mark) for line in others) for mark in (b";", b",", b"\t", b"|"))


def refuse_root(root: etree._Element) -> UnknownFormat:
    """What an XML document is, by its outermost element, when it is no invoice of ours."""
    name = etree.QName(root)
    shown = f"<{name.localname[:80]}> in {f'the namespace {_line(name.namespace)}' if name.namespace else 'no namespace'}"
    near = next((tag for tag in ROOTS if tag.endswith("}" + name.localname)), None)
    where = Location(line=root.sourceline)
    if (not near or name.namespace not in _OURS) and (title := vocabulary(root)):
        return UnknownFormat(f"this is {title}: {shown}", location=where, mend=ACCEPTED)
    mend = f"did you mean the namespace {etree.QName(near).namespace}? {ACCEPTED}" if near else ACCEPTED
    return UnknownFormat(f"the outermost element is {shown}, which is no invoice known here", location=where, mend=mend)


def vocabulary(root: etree._Element) -> str | None:
    """What the vocabulary of an element is called, None where it is not known."""
    name = etree.QName(root)
    title = next((title for pattern, title in _NAMESPACES if re.match(pattern, name.namespace or "")), None) or _NAMES.get(name.localname)
    if title and title.startswith(("another document of U", "a UBL response")):
        return f"{title}, {_detail(root)}"
    return title


def _detail(root: etree._Element) -> str:
    """The kind of document, with its specification where it names one: `Order urn:fdc:…`."""
    stated = root.findtext("{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}CustomizationID")
    kind = next((title for part, title in _RESPONSES if stated and part in stated), etree.QName(root).localname)
    return f"{kind} ({_line(stated)})" if stated and stated.strip() else kind


def _line(text: str) -> str:
    """The beginning of a text, on one line."""
    return " ".join(text[:160].split())


_RESPONSES = (
    ("trns:invoice_response", "Peppol Invoice Response"),
    ("trns:mlr", "Peppol Message Level Response"),
    ("trns:mls", "Peppol Message Level Status"),
    ("peppol:edec:mls", "Peppol Message Level Status"),
)
