"""The XMP metadata of a hybrid invoice, and the document information that agrees with them.

What the PDF said of itself stays where PDF/A knows it, or where an extension schema declares it; what hybrids say is written anew.
Sources: ISO 16684-1; ISO 19005-3, 6.6; Factur-X 1.0, section 6.2.2 (properties of the invoice and their extension schema).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import pikepdf
from pikepdf import Dictionary, Name, String

from einvoice.errors import MalformedPDF
from einvoice.pdf import attached, dates, unpacking
from einvoice.pdf.conditions.seen.xmp import EXTENSION, PDFA_ID, RDF, Node, Packet, packet
from einvoice.pdf.conditions.seen.xmp_types import PROPERTY, SCHEMA, Schema, extensions, fits, predefined
from einvoice.pdf.levels import FACTUR_X, STANDARDS
from einvoice.pdf.opening import Opened

PRODUCER = "einvoice-toolkit"
MOST = 10_000_000
"""Bytes of metadata that are read; they have a few thousand."""
_DC, _XMP = "http://purl.org/dc/elements/1.1/", "http://ns.adobe.com/xap/1.0/"
_MM, _PDF = "http://ns.adobe.com/xap/1.0/mm/", "http://ns.adobe.com/pdf/1.3/"
_OURS = {
    _DC: {"title", "creator", "description", "format"},
    _XMP: {"CreatorTool", "CreateDate", "ModifyDate", "MetadataDate", "Thumbnails"},
    _PDF: {"Producer", "PDFVersion", "Keywords"},
    _MM: {"InstanceID", "History"},
    PDFA_ID: {"part", "conformance", "amd", "corr"},
    EXTENSION: {"schemas"},
}
"""Properties that are written anew, or that say of the file what is no longer so."""
_HYBRIDS = frozenset(standard.namespace.rstrip("#").lower() for standard in STANDARDS)
_UNNAMED = frozenset({"untitled", "(anonymous)", "(unspecified)", "anonymous", "unknown"})
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIX = re.compile(r"[A-Za-z_][\w.-]*")

_PROPERTIES = (
    ("DocumentFileName", "The name of the embedded XML document"),
    ("DocumentType", "The type of the hybrid document in capital letters, such as INVOICE"),
    ("Version", "The version of the standard that the embedded XML document follows"),
    ("ConformanceLevel", "The conformance level of the embedded XML document"),
)
_PROPERTY = (
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>'
    "<pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>{}</pdfaProperty:description></rdf:li>\n"
)
_SCHEMA = (
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
    f"<pdfaSchema:namespaceURI>{FACTUR_X.namespace}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    "<pdfaSchema:property><rdf:Seq>\n"
    + "".join(_PROPERTY.format(*each) for each in _PROPERTIES)
    + "</rdf:Seq></pdfaSchema:property></rdf:li>\n"
)
_PACKET = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="{RDF}">
<rdf:Description rdf:about="" xmlns:pdfaid="{PDFA_ID}">
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>{{conformance}}</pdfaid:conformance>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="{_DC}">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{{Title}}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{{Author}}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{{Subject}}</rdf:li></rdf:Alt></dc:description>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="{_XMP}">
<xmp:CreatorTool>{{Creator}}</xmp:CreatorTool>
<xmp:CreateDate>{{made}}</xmp:CreateDate>
<xmp:ModifyDate>{{changed}}</xmp:ModifyDate>
<xmp:MetadataDate>{{changed}}</xmp:MetadataDate>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="{_PDF}">
<pdf:Producer>{{Producer}}</pdf:Producer>
{{keywords}}</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="{EXTENSION}" xmlns:pdfaSchema="{SCHEMA}" xmlns:pdfaProperty="{PROPERTY}">
<pdfaExtension:schemas><rdf:Bag>
{_SCHEMA}{{schemas}}</rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:fx="{FACTUR_X.namespace}">
<fx:DocumentType>INVOICE</fx:DocumentType>
<fx:DocumentFileName>{{filename}}</fx:DocumentFileName>
<fx:Version>{{version}}</fx:Version>
<fx:ConformanceLevel>{{level}}</fx:ConformanceLevel>
</rdf:Description>
{{foreign}}</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


class Facts(NamedTuple):
    """What the metadata say of the invoice; `number` (BT-1) tells whether a title that the PDF has is still right.

    `day` is the invoice's, as a date of ISO 8601 with its time.
    """

    filename: str
    level: str
    version: str
    number: str
    title: str
    author: str
    subject: str
    day: str


def describe(found: Opened, facts: Facts, *, foreign: bool = True) -> None:
    """Writes metadata and document information; with `foreign` what the PDF said of itself besides is kept.

    The PDF keeps the date on which it was made, by default that of the invoice; it was changed on the later of the two.
    """
    said, information = _said(found), _information(found.pdf)
    texts, made = _texts(said, information, facts), _made(said, information) or facts.day
    changed = max(made, facts.day, key=dates.moment)
    plain = {key: escape(value) for key, value in (texts | facts._asdict()).items()}
    kept = _foreign(said) if foreign else ()
    data = _PACKET.format(
        **plain,
        made=made,
        changed=changed,
        conformance=_conformance(said),
        keywords=f"<pdf:Keywords>{plain['Keywords']}</pdf:Keywords>\n" if texts["Keywords"] else "",
        schemas="".join(_schemas(said)) if foreign else "",
        foreign="".join(map(_description, kept)),
    )
    pdf = found.pdf
    pdf.Root.Metadata = pdf.make_stream(data.encode("utf-8"), Type=Name.Metadata, Subtype=Name.XML)
    stated = {f"/{key}": String(value) for key, value in texts.items() if value}
    stated |= {"/CreationDate": String(dates.pdf(made)), "/ModDate": String(dates.pdf(changed))}
    pdf.trailer.Info = pdf.make_indirect(Dictionary(stated))


def _texts(said: Packet | None, information: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """The texts of the document information; a title or subject that names the invoice is the PDF's own."""
    stated = {
        "Title": (_alternative(said, _DC, "title"), information["Title"]),
        "Subject": (_alternative(said, _DC, "description"), information["Subject"]),
    }
    kept = {key: next((text for text in texts if facts.number and facts.number in text), "") for key, texts in stated.items()}
    tools = (_simple(said, _XMP, "CreatorTool"), information["Creator"], information["Producer"], PRODUCER)
    return {
        "Title": kept["Title"] or facts.title,
        "Author": facts.author,
        "Subject": kept["Subject"] or facts.subject,
        "Keywords": _simple(said, _PDF, "Keywords") or information["Keywords"],
        "Creator": next(text for text in tools if text and text.lower() not in _UNNAMED),
        "Producer": PRODUCER,
    }


def _said(found: Opened) -> Packet | None:
    """The metadata that the PDF has, None where they cannot be read."""
    stream = found.pdf.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream):
        return None
    try:
        data = unpacking.unpacked(stream, min(found.max_size, MOST))
    except MalformedPDF:
        return None
    return packet(stream, data, "document", main=True)


def _information(pdf: pikepdf.Pdf) -> dict[str, str]:
    stated = pdf.trailer.get("/Info")
    keys = ("Title", "Subject", "Keywords", "Creator", "Producer", "CreationDate")
    return {key: _clean(attached.text(stated.get(f"/{key}"))) if isinstance(stated, Dictionary) else "" for key in keys}


def _clean(text: str) -> str:
    """Without what XML cannot hold, and without space around it."""
    return _CONTROL.sub("", text).strip()


def _simple(said: Packet | None, namespace: str, name: str) -> str:
    node = said and said.find(namespace, name)
    return _clean(node.value) if node and node.kind == "simple" else ""


def _alternative(said: Packet | None, namespace: str, name: str) -> str:
    """The text in the language that others have by default."""
    node = said and said.find(namespace, name)
    parts = node.parts if node and node.kind == "alt" else ()
    return _clean(next((each.value for each in parts if each.language == "x-default"), parts[0].value if parts else ""))


def _made(said: Packet | None, information: Mapping[str, str]) -> str | None:
    return dates.read(information["CreationDate"]) or dates.read(_simple(said, _XMP, "CreateDate"))


def _conformance(said: Packet | None) -> str:
    """B, or what else a PDF/A-3 says of itself: it keeps its tags and its Unicode."""
    stated = _simple(said, PDFA_ID, "conformance").upper()
    return stated if _simple(said, PDFA_ID, "part") == "3" and stated in {"A", "U"} else "B"


def _foreign(said: Packet | None) -> Iterator[Node]:
    """The properties that are kept: known, of the type that is known, not ours and of no other hybrid."""
    known = {**extensions(said), **predefined()}
    for node in (said and said.properties) or ():
        schema = known.get(node.namespace, Schema({}, {}))
        stated = schema.properties.get(node.name)
        ours = node.name in _OURS.get(node.namespace, ()) or _is_hybrid(node.namespace)
        if stated is not None and not ours and fits(node, stated, schema.types):
            yield node


def _is_hybrid(namespace: str) -> bool:
    return namespace.rstrip("#").lower() in _HYBRIDS


def _schemas(said: Packet | None) -> Iterator[str]:
    """The extension schemas that the PDF declares, but for those of hybrids."""
    container = said and said.find(EXTENSION, "schemas")
    for schema in container.parts if container else ():
        stated = schema.part(SCHEMA, "namespaceURI")
        if stated is not None and not _is_hybrid(stated.value):
            yield _element(schema, _prefixes(schema)) + "\n"


def _description(node: Node) -> str:
    return f'<rdf:Description rdf:about="">\n{_element(node, _prefixes(node))}\n</rdf:Description>\n'


def _prefixes(node: Node) -> dict[str, str]:
    """A prefix for each namespace within, as the PDF has it where that can be."""
    made = {RDF: "rdf"}
    for each in _all(node):
        wanted = each.prefix if each.prefix and _PREFIX.fullmatch(each.prefix) and each.prefix not in made.values() else f"ns{len(made)}"
        made.setdefault(each.namespace, wanted)
    return made


def _all(node: Node) -> Iterator[Node]:
    yield node
    for each in node.parts:
        yield from _all(each)


def _element(node: Node, prefixes: Mapping[str, str], *, outermost: bool = True) -> str:
    """The property in XML."""
    name = f"{prefixes[node.namespace]}:{node.name}"
    attributes = [f"xmlns:{prefix}={quoteattr(uri)}" for uri, prefix in prefixes.items() if uri != RDF] if outermost else []
    if node.language is not None:
        attributes.append(f"xml:lang={quoteattr(node.language)}")
    inner = escape(node.value)
    if node.kind != "simple":
        inner = "".join(_element(each, prefixes, outermost=False) for each in node.parts)
    if node.kind == "struct":
        attributes.append('rdf:parseType="Resource"')
    elif node.kind != "simple":
        inner = f"<rdf:{node.kind.capitalize()}>{inner}</rdf:{node.kind.capitalize()}>"
    return f"<{' '.join([name, *attributes])}>{inner}</{name}>"
