"""Input that must not be read: one case per fault, with the error it must raise and the facts the error must name.

The tests run each; the evidence counts them. Cases that take more than memory or a moment stand in `test_guard`.
"""

from __future__ import annotations

import base64
import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from einvoice.errors import DocumentError, MalformedXML, UnknownFormat, Unreadable, UnsafeXML

DATA = Path(__file__).parents[1] / "data"
UBL = (DATA / "ubl-invoice.xml").read_bytes()
CII = (DATA / "cii-invoice.xml").read_bytes()
TEXT = UBL.decode("utf-8")
BODY = TEXT.partition("?>")[2].lstrip()
UBL_2 = "urn:oasis:names:specification:ubl:schema:xsd:"
SBD = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"


class Case(NamedTuple):
    """Bytes, the error they raise, the line it names (None: none or any), and words its text holds."""

    name: str
    data: bytes
    error: type[DocumentError]
    line: int | None = None
    facts: tuple[str, ...] = ()


def with_dtd(subset: str, body: str = BODY) -> bytes:
    """The invoice with an internal DTD in line 2."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE Invoice {subset}>\n{body}'.encode()


def declared(encoding: str, actual: str) -> bytes:
    """The invoice, declaring one encoding and written in another."""
    return TEXT.replace('encoding="UTF-8"', f'encoding="{encoding}"').encode(actual)


def sbdh(*documents: str) -> bytes:
    """Documents in an envelope; the first begins in line 4."""
    header = "<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>"
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n<StandardBusinessDocument xmlns="{SBD}">\n{header}'
    return "\n".join([start, *documents, "</StandardBusinessDocument>"]).encode()


def nested(levels: int) -> bytes:
    """Elements, one within another."""
    return b"<a>" * levels + b"</a>" * levels


def zipped(*names: str) -> bytes:
    """A zip archive with files of these names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"0" * 1000)
    return out.getvalue()


def tarred() -> bytes:
    """A tar archive with an invoice in it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(DATA / "ubl-invoice.xml", "invoice.xml")
    return out.getvalue()


_LAUGHS = "[<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 20)) + "]"

DTDS = (
    Case("a DTD without entities", with_dtd(""), UnsafeXML, 2, ("DOCTYPE",)),
    Case("billion laughs", with_dtd(_LAUGHS, BODY.replace("PO-7", "&a19;")), UnsafeXML, 2, ("DOCTYPE",)),
    Case("quadratic blowup", with_dtd(f"[<!ENTITY a '{'x' * 50_000}'>]", BODY.replace("PO-7", "&a;" * 50_000)), UnsafeXML, 2),
    Case("entities in an attribute", with_dtd(_LAUGHS, BODY.replace('"EUR"', '"&a19;"')), UnsafeXML, 2),
    Case("external DTD", with_dtd('SYSTEM "file:///etc/passwd"'), UnsafeXML, 2),
    Case("public DTD", with_dtd('PUBLIC "-//OASIS//DTD" "http://127.0.0.1:9/x.dtd"'), UnsafeXML, 2),
    Case("external entity", with_dtd('[<!ENTITY x SYSTEM "file:///etc/passwd">]', BODY.replace("PO-7", "&x;")), UnsafeXML, 2),
    Case("parameter entities", with_dtd('[<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]'), UnsafeXML, 2),
    Case("a DTD behind comments", b"<!-- <a> -->\n<?x y?>\n<!-- - -->\n" + with_dtd("").partition(b"\n")[2], UnsafeXML, 4),
    Case("a DTD in lower case", TEXT.replace("<Invoice", "<!doctype Invoice><Invoice", 1).encode(), UnsafeXML, 3),
    Case("a DTD in UTF-16", with_dtd(_LAUGHS).decode().replace("UTF-8", "UTF-16").encode("utf-16"), UnsafeXML, 2),
    Case("a DTD in UTF-16 without a mark", with_dtd(_LAUGHS).decode().replace("UTF-8", "UTF-16BE").encode("utf-16-be"), UnsafeXML, 2),
    Case("a DTD after a byte order mark", b"\xef\xbb\xbf" + with_dtd(_LAUGHS), UnsafeXML, 2),
    Case("a DTD in windows-1252", with_dtd(_LAUGHS).replace(b"UTF-8", b"windows-1252").replace("é".encode(), b"\xe9"), UnsafeXML, 2),
    Case(
        "a DTD behind two byte order marks",
        b"\xef\xbb\xbf" * 2 + with_dtd(_LAUGHS).partition(b"\n")[2],
        MalformedXML,
        1,
        ("byte order mark",),
    ),
    Case(
        "a DTD behind two marks of UTF-16", b"\xff\xfe" * 2 + "<!DOCTYPE a><a/>".encode("utf-16-le"), MalformedXML, 1, ("byte order mark",)
    ),
    Case("an HTML DTD with entities", b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "b">]><html>&a;</html>', UnsafeXML, 1),
    Case("a bare entity declaration", b'<?xml version="1.0"?>\n<!ENTITY a "b"><a/>', UnsafeXML, 2),
)

ENCODINGS = (
    Case("UTF-7 that hides a DTD", b'<?xml version="1.0" encoding="UTF-7"?>\n+ADwAIQ-DOCTYPE a+AD4-<a/>', UnsafeXML, 1, ("UTF-7",)),
    Case("UTF-7 by its mark", b"+/v8-" + UBL, UnsafeXML, 1, ("UTF-7",)),
    Case("UTF-32", TEXT.encode("utf-32"), UnsafeXML, 1, ("UTF-32",)),
    Case("UTF-32 without a mark", TEXT.encode("utf-32-be"), UnsafeXML, 1, ("UTF-32",)),
    Case("EBCDIC", declared("IBM500", "cp500"), UnsafeXML, 1, ("EBCDIC",)),
    Case("Shift_JIS", declared("Shift_JIS", "utf-8"), UnsafeXML, 1, ("Shift_JIS",)),
    Case("an encoding that does not exist", declared("ISO-8859-12", "utf-8"), UnsafeXML, 1, ("ISO-8859-12",)),
    Case("UTF-16 declared, UTF-8 written", declared("UTF-16", "utf-8"), MalformedXML, 1, ("utf-16",)),
    Case("UTF-8 declared, UTF-16 written", TEXT.encode("utf-16"), MalformedXML, 1, ("utf-8", "utf-16")),
    Case("UTF-16BE declared, UTF-16LE written", declared("UTF-16BE", "utf-16"), MalformedXML, 1, ("utf-16-be", "utf-16-le")),
    Case("ISO-8859-1 declared after a UTF-8 mark", b"\xef\xbb\xbf" + declared("ISO-8859-1", "utf-8"), MalformedXML, 1, ("iso8859-1",)),
    Case("US-ASCII declared, UTF-8 written", declared("US-ASCII", "utf-8"), MalformedXML, 50, ("ascii", "c3")),
    Case("UTF-8 declared, ISO-8859-1 written", declared("UTF-8", "iso8859-1"), MalformedXML, 50, ("encoding",)),
    Case("UTF-16 without a mark or a declaration", BODY.encode("utf-16-le"), MalformedXML, 1, ("byte order mark",)),
    Case("half a UTF-16 pair", TEXT.replace("UTF-8", "UTF-16").encode("utf-16")[:-1], MalformedXML),
)

MALFORMED = (
    Case("an ampersand", UBL.replace(b"Molenstraat 1", b"Molen & Straat"), MalformedXML, 26, ("column", "&amp;")),
    Case("an entity that is not defined", UBL.replace(b"Molenstraat 1", b"Molen&nbsp;1"), MalformedXML, 26, ("nbsp",)),
    Case("a less-than sign", UBL.replace(b"Molenstraat 1", b"1 < 2"), MalformedXML, 26, ("&lt;",)),
    Case("a less-than sign in an attribute", UBL.replace(b'"HUR"', b'"<"'), MalformedXML, None, ("&lt;",)),
    Case("a closing tag that does not match", UBL.replace(b"</cbc:StreetName>", b"</cbc:Street>"), MalformedXML, 26, ("StreetName",)),
    Case("a file cut short", UBL[: UBL.index(b"<cbc:CityName>")], MalformedXML, 27, ("cut short",)),
    Case("a tag cut short", UBL[: UBL.index(b"<cbc:CityName>") + 6], MalformedXML, 27),
    Case("a control character", UBL.replace(b"Molenstraat", b"Molen\x01straat"), MalformedXML, 26, ("control",)),
    Case("a NUL", UBL.replace(b"Molenstraat", b"Molen\0straat"), MalformedXML, 26),
    Case("a character reference that XML forbids", UBL.replace(b"Molenstraat", b"&#0;"), MalformedXML, 26),
    Case("an attribute twice", UBL.replace(b'unitCode="HUR"', b'unitCode="HUR" unitCode="C62"'), MalformedXML, None, ("twice", "unitCode")),
    Case("an attribute without quotes", UBL.replace(b'"HUR"', b"HUR"), MalformedXML, None, ("quotes",)),
    Case("a prefix that is not declared", UBL.replace(b"cbc:StreetName", b"xyz:StreetName"), MalformedXML, 26, ("xyz",)),
    Case("two documents in one file", UBL + b"<more/>", MalformedXML, None, ("outermost",)),
    Case("a blank line before the declaration", b"\n" + UBL, MalformedXML, 2, ("blank lines",)),
    Case("an unclosed comment before the first element", b"<?xml version='1.0'?>\n<!-- x <a/>", MalformedXML, 2, ("-->",)),
    Case("an unclosed instruction", b"<?xml version='1.0'?>\n<?x <a/>", MalformedXML, 2, ("?>",)),
    Case("an unclosed comment", UBL + b"<!-- x", MalformedXML),
    Case("an unclosed CDATA section", UBL.replace(b"]]>", b""), MalformedXML, None, ("CDATA",)),
    Case("XML 2.0", UBL.replace(b'version="1.0"', b'version="2.0"'), MalformedXML, 1, ("version",)),
    Case("a document of one character", b"<", MalformedXML, 1),
    Case("text before the declaration", b"junk" + UBL, MalformedXML, 1),
)

BOMBS = (
    Case("nesting of 101", nested(101), UnsafeXML, 1, ("100",)),
    Case("nesting of 1,000", nested(1_000), UnsafeXML, 1, ("100",)),
    Case("nesting of 1,000,000", nested(1_000_000), UnsafeXML, None, ("100",)),
    Case("nesting of 1,000,000, never closed", b"<a>" * 1_000_000, UnsafeXML, None, ("100",)),
    Case("nesting within an invoice", UBL.replace(b"PO-7", nested(100)), UnsafeXML, None, ("100",)),
    Case("400,000 attributes", b"<a " + b" ".join(b'a%d=""' % i for i in range(400_000)) + b"/>", UnsafeXML, 1, ("attributes",)),
    Case("12,000,000 elements", b"<a>" + b"<b/>" * 12_000_000 + b"</a>", UnsafeXML, None, ("tags",)),
    Case("60,000 comments that never end", b"<a>-->" * 9 + b"<a " + b"<!--" * 60_000, MalformedXML, None, ("-->",)),
    Case("a comment of 200,000 dashes", b"<a><!--" + b"-" * 200_000 + b"--></a>", MalformedXML, None, ("-->",)),
    Case("a comment that old libxml2 does not end", b"<a><!--->" + b"--->" * 40_000, MalformedXML),
    Case("100,000 comments", b"<!---->" * 100_000 + b"<a/>", UnknownFormat, 1),
    Case("100,000 namespaces", b"<a " + b" ".join(b"xmlns:a%d='%d'" % (i, i) for i in range(100_000)) + b"/>", UnsafeXML, 1),
    Case("a name of 4 MB", b"<" + b"a" * 4_000_000 + b"/>", UnknownFormat, 1),
)

NOT_XML = (
    Case("an empty file", b"", UnknownFormat, None, ("empty",)),
    Case("white space", b" \r\n\t\n" * 500, UnknownFormat, None, ("white space",)),
    Case("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", UnknownFormat, None, ("PDF", "einvoice extract")),
    Case("a PDF behind a mail gateway's line", b"\r\n\r\n%PDF-1.4\n", UnknownFormat, None, ("PDF",)),
    Case("gzip", gzip.compress(UBL), UnknownFormat, None, ("gzip", "unpack")),
    Case("a gzip bomb", gzip.compress(b"\0" * 20_000_000), UnknownFormat, None, ("gzip",)),
    Case("zip", zipped("invoice.xml"), UnknownFormat, None, ("zip", "unpack")),
    Case("a Word file", zipped("[Content_Types].xml", "word/document.xml"), UnknownFormat, None, (".docx",)),
    Case("an Excel file", zipped("[Content_Types].xml", "xl/workbook.xml"), UnknownFormat, None, (".xlsx",)),
    Case("tar", tarred(), UnknownFormat, None, ("tar",)),
    Case("bzip2", b"BZh91AY&SY", UnknownFormat, None, ("bzip2",)),
    Case("xz", b"\xfd7zXZ\0\0", UnknownFormat, None, ("xz",)),
    Case("7-Zip", b"7z\xbc\xaf\x27\x1c", UnknownFormat, None, ("7-Zip",)),
    Case("zstd", b"\x28\xb5\x2f\xfd", UnknownFormat, None, ("zstd",)),
    Case("PNG", b"\x89PNG\r\n\x1a\n", UnknownFormat, None, ("PNG",)),
    Case("JPEG", b"\xff\xd8\xff\xe0", UnknownFormat, None, ("JPEG",)),
    Case("RTF", b"{\\rtf1\\ansi", UnknownFormat, None, ("RTF",)),
    Case("an old Word file", b"\xd0\xcf\x11\xe0\xa1\xb1", UnknownFormat, None, (".doc",)),
    Case("a signed file", b"0\x82\x10\0\x06\x09", UnknownFormat, None, (".p7m",)),
    Case("HTML", b"<!DOCTYPE html>\n<html><body>Login</body></html>", UnknownFormat, None, ("HTML",)),
    Case("HTML without a doctype", b"\n<HTML><head/>", UnknownFormat, None, ("HTML",)),
    Case("XHTML", b'<html xmlns="http://www.w3.org/1999/xhtml"/>', UnknownFormat, None, ("HTML",)),
    Case("JSON", b'{"invoice": {"id": "1"}}', UnknownFormat, None, ("JSON", "einvoice write")),
    Case("a JSON list", b"[\n 1, 2]", UnknownFormat, None, ("JSON",)),
    Case("CSV", "número;fecha\n1;2026-11-02\n".encode(), UnknownFormat, None, ("CSV",)),
    Case("plain text", b"Dear customer,\nplease find our invoice below.\n", UnknownFormat, None, ("text",)),
    Case("an e-mail", b"Received: from x\r\nSubject: Invoice\r\n\r\n", UnknownFormat, None, ("e-mail",)),
    Case("EDIFACT", b"UNA:+.? 'UNB+UNOA:1", UnknownFormat, None, ("EDIFACT",)),
    Case("XML in base64", base64.b64encode(UBL), UnknownFormat, None, ("base64",)),
    Case("a PEM file", b"-----BEGIN CERTIFICATE-----\n", UnknownFormat, None, ("PEM",)),
    Case("random bytes", bytes(range(256)) * 4, UnknownFormat, None, ("binary",)),
)


def _root(name: str, namespace: str, inside: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n<{name} xmlns="{namespace}">{inside}</{name}>'.encode()


def _response(specification: str) -> bytes:
    inside = f'<CustomizationID xmlns="{UBL_2}CommonBasicComponents-2">{specification}</CustomizationID>'
    return _root("ApplicationResponse", UBL_2 + "ApplicationResponse-2", inside)


OTHER_XML = (
    Case("a UBL order", _root("Order", UBL_2 + "Order-2"), UnknownFormat, 2, ("Order",)),
    Case("a UBL reminder", _root("Reminder", UBL_2 + "Reminder-2"), UnknownFormat, 2, ("Reminder",)),
    Case("an invoice response", _response("urn:fdc:peppol.eu:poacc:trns:invoice_response:3"), UnknownFormat, 2, ("Invoice Response",)),
    Case("a message level status", _response("urn:peppol:edec:mls:1.0"), UnknownFormat, 2, ("Message Level Status",)),
    Case("UBL 3", _root("Invoice", UBL_2 + "Invoice-3"), UnknownFormat, 2, ("version of UBL",)),
    Case(
        "Order-X",
        _root("SCRDMCCBDACIOMessageStructure", "urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100"),
        UnknownFormat,
        2,
        ("Order-X",),
    ),
    Case(
        "CII of another version",
        _root("CrossIndustryInvoice", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:2"),
        UnknownFormat,
        2,
    ),
    Case("ZUGFeRD 1.0", _root("CrossIndustryDocument", "urn:ferd:CrossIndustryDocument:invoice:1p0"), UnknownFormat, 2, ("ZUGFeRD 1.0",)),
    Case("ebInterface", _root("Invoice", "http://www.ebinterface.at/schema/6p1/"), UnknownFormat, 2, ("ebInterface",)),
    Case(
        "FatturaPA",
        _root("FatturaElettronica", "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"),
        UnknownFormat,
        2,
        ("FatturaPA",),
    ),
    Case("Facturae", _root("Facturae", "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml"), UnknownFormat, 2, ("Facturae",)),
    Case("Finvoice", b'<Finvoice Version="3.0"/>', UnknownFormat, 1, ("Finvoice",)),
    Case("a bank statement", _root("Document", "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"), UnknownFormat, 2, ("bank",)),
    Case("SOAP", _root("Envelope", "http://www.w3.org/2003/05/soap-envelope"), UnknownFormat, 2, ("SOAP",)),
    Case("UBL without its namespace", b"<Invoice><ID>1</ID></Invoice>", UnknownFormat, 1, ("did you mean", "Invoice-2")),
    Case("UBL in the wrong namespace", _root("Invoice", UBL_2 + "CreditNote-2"), UnknownFormat, 2, ("did you mean", "Invoice-2")),
    Case(
        "an unknown vocabulary", _root("Rechnung", "urn:example:x"), UnknownFormat, 2, ("Rechnung", "urn:example:x", "CrossIndustryInvoice")
    ),
    Case(
        "an order in an envelope", sbdh(_root("Order", UBL_2 + "Order-2").decode().partition("\n")[2]), UnknownFormat, 4, ("SBDH", "Order")
    ),
    Case(
        "a PDF in an envelope",
        sbdh('<BinaryContent xmlns="http://peppol.eu/xsd/ticc/envelope/1.0">JVBERg==</BinaryContent>'),
        UnknownFormat,
        4,
    ),
    Case("an empty envelope", sbdh(), Unreadable, 2, ("no document",)),
    Case("two invoices in an envelope", sbdh('<a xmlns="urn:a"/>', '<b xmlns="urn:a"/>'), Unreadable, 5, ("2 documents",)),
    Case("an envelope in an envelope", sbdh(sbdh().decode().partition("\n")[2]), UnknownFormat, 4),
)

CASES = (*DTDS, *ENCODINGS, *MALFORMED, *BOMBS, *NOT_XML, *OTHER_XML)
