"""Small changes to the metadata of the rich PDF, and to what makes it a hybrid, each of which breaks a condition."""

from __future__ import annotations

from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.pdf.breaking import both, file, root
from tests.pdf.rich import Patch

FX = b"urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"


def said(old: bytes, new: bytes) -> Patch:
    """Changes the text of the metadata, which has the old one."""

    def patch(pdf: Pdf) -> None:
        text = pdf.Root.Metadata.read_bytes()
        assert old in text, old
        pdf.Root.Metadata.write(text.replace(old, new))

    return patch


def without(element: bytes) -> Patch:
    """Removes the first element of that name."""

    def patch(pdf: Pdf) -> None:
        text = pdf.Root.Metadata.read_bytes()
        begin, end = text.index(b"<" + element + b">"), text.index(b"</" + element + b">") + len(element) + 3
        pdf.Root.Metadata.write(text[:begin] + text[end:])

    return patch


def encoded(pdf: Pdf) -> None:
    """The metadata in UTF-16."""
    text = pdf.Root.Metadata.read_bytes().decode().replace("\ufeff", "", 1)
    pdf.Root.Metadata.write(text.encode("utf-16"))


def renamed(old: bytes, new: bytes, namespace: bytes) -> Patch:
    """The same property under another prefix."""
    opening = b'<%b:%b xmlns:%b="%b">' % (new, old.partition(b":")[2], new, namespace)
    return both(said(b"<" + old + b">", opening), said(b"</" + old + b">", b"</%b:%b>" % (new, old.partition(b":")[2])))


def added(prefix: bytes, name: bytes, value: bytes, namespace: bytes) -> Patch:
    """One more property."""
    element = b'<rdf:Description rdf:about="" xmlns:%b="%b"><%b:%b>%b</%b:%b></rdf:Description></rdf:RDF>'
    return said(b"</rdf:RDF>", element % (prefix, namespace, prefix, name, value, prefix, name))


def bags(of: bytes) -> Patch:
    """The list in that element as a bag."""
    return both(said(b"<%b><rdf:Seq>" % of, b"<%b><rdf:Bag>" % of), said(b"</rdf:Seq></%b>" % of, b"</rdf:Bag></%b>" % of))


_PDFA = b"http://www.aiim.org/pdfa/ns/id/"

METADATA: dict[str, list[Patch]] = {
    "PDFA-6.6.2.1-1": [lambda pdf: pdf.Root.__delitem__("/Metadata"), lambda pdf: pdf.Root.Metadata.__setitem__("/Subtype", Name.HTML)],
    "PDFA-6.6.2.1-2": [said(b' id="W5', b' bytes="99" id="W5')],
    "PDFA-6.6.2.1-3": [said(b' id="W5', b" encoding='UTF-8' id=\"W5")],
    "PDFA-6.6.2.1-4": [said(b"</rdf:RDF>", b""), said(b"<pdfaid:part>3</pdfaid:part>", b"<pdfaid:part>3</pdfaid:part>" * 2)],
    "PDFA-6.6.2.1-5": [encoded],
    "PDFA-6.6.2.3.1-1": [added(b"own", b"Weight", b"1", b"urn:own#"), added(b"dc", b"mood", b"1", b"http://purl.org/dc/elements/1.1/")],
    "PDFA-6.6.2.3.1-2": [
        said(b"<mt:height>3<", b"<mt:height>three<"),
        said(b"<rdf:Seq><rdf:li>Bakkerij De Korenbloem BV</rdf:li></rdf:Seq>", b"Bakkerij"),
        said(b"2026-01-02T00:00:00Z", b"yesterday"),
    ],
    "PDFA-6.6.2.3.2-1": [said(b"<pdfaSchema:prefix>own<", b"<pdfaSchema:colour>red</pdfaSchema:colour><pdfaSchema:prefix>own<")],
    "PDFA-6.6.2.3.3-1": [both(said(b"<rdf:Bag>\n", b"<rdf:Seq>\n"), said(b"</rdf:Bag></pdfaExtension", b"</rdf:Seq></pdfaExtension"))],
    "PDFA-6.6.2.3.3-2": [without(b"pdfaSchema:schema")],
    "PDFA-6.6.2.3.3-3": [without(b"pdfaSchema:namespaceURI")],
    "PDFA-6.6.2.3.3-4": [without(b"pdfaSchema:prefix")],
    "PDFA-6.6.2.3.3-5": [
        both(bags(b"pdfaSchema:property"), said(b"</rdf:Seq>\n</pdfaSchema:property>", b"</rdf:Bag></pdfaSchema:property>"))
    ],
    "PDFA-6.6.2.3.3-6": [bags(b"pdfaSchema:valueType")],
    "PDFA-6.6.2.3.3-7": [without(b"pdfaProperty:name")],
    "PDFA-6.6.2.3.3-8": [without(b"pdfaProperty:valueType"), said(b"valueType>Measure<", b"valueType>Meter<")],
    "PDFA-6.6.2.3.3-9": [without(b"pdfaProperty:category"), said(b"category>internal<", b"category>inner<")],
    "PDFA-6.6.2.3.3-10": [without(b"pdfaProperty:description")],
    "PDFA-6.6.2.3.3-11": [without(b"pdfaType:type")],
    "PDFA-6.6.2.3.3-12": [without(b"pdfaType:namespaceURI")],
    "PDFA-6.6.2.3.3-13": [without(b"pdfaType:prefix")],
    "PDFA-6.6.2.3.3-14": [without(b"pdfaType:description")],
    "PDFA-6.6.2.3.3-15": [
        both(said(b"<pdfaType:field><rdf:Seq>", b"<pdfaType:field><rdf:Bag>"), said(b"</rdf:Seq></pdfaType", b"</rdf:Bag></pdfaType"))
    ],
    "PDFA-6.6.2.3.3-16": [without(b"pdfaField:name")],
    "PDFA-6.6.2.3.3-17": [without(b"pdfaField:valueType"), said(b"valueType>Integer<", b"valueType>Meter<")],
    "PDFA-6.6.2.3.3-18": [without(b"pdfaField:description")],
    "PDFA-6.6.4-1": [both(without(b"pdfaid:part"), without(b"pdfaid:conformance"))],
    "PDFA-6.6.4-2": [said(b"<pdfaid:part>3<", b"<pdfaid:part>2<"), without(b"pdfaid:part")],
    "PDFA-6.6.4-3": [said(b"<pdfaid:conformance>B<", b"<pdfaid:conformance>b<"), without(b"pdfaid:conformance")],
    "PDFA-6.6.4-4": [renamed(b"pdfaid:part", b"id", _PDFA)],
    "PDFA-6.6.4-5": [renamed(b"pdfaid:conformance", b"id", _PDFA)],
    "PDFA-6.6.4-6": [added(b"id", b"amd", b"2012", _PDFA)],
    "PDFA-6.6.4-7": [added(b"id", b"corr", b"2012", _PDFA)],
}


def xml(old: bytes, new: bytes) -> Patch:
    """Changes the XML of the invoice."""

    def patch(pdf: Pdf) -> None:
        held = pdf.Root.AF[0].EF.F
        text = held.read_bytes()
        assert old in text, old
        held.write(text.replace(old, new))

    return patch


def second(pdf: Pdf) -> None:
    """A second invoice under the other name."""
    first = pdf.Root.AF[0]
    held = pdf.make_stream(first.EF.F.read_bytes(), Dictionary(Type=Name.EmbeddedFile, Subtype=Name("/text/xml")))
    made = {key: value for key, value in first.items() if key not in {"/EF", "/F", "/UF"}}
    name = String("xrechnung.xml")
    other = pdf.make_indirect(Dictionary({**made, "/EF": Dictionary(F=held), "/F": name, "/UF": name}))
    pdf.Root.AF.append(other)
    pdf.Root.Names.EmbeddedFiles.Names.extend([name, other])


def none(pdf: Pdf) -> None:
    """No file at all."""
    pdf.Root.AF = Array([])
    pdf.Root.Names.EmbeddedFiles.Names = Array([])
    for each in pdf.objects:
        if isinstance(each, Dictionary) and each.get("/Type") == Name.Filespec:
            del each["/EF"]


def set_in(path: str, **entries: Any) -> Patch:
    """Sets or removes entries of the stream of the XML, or of its parameters."""

    def patch(pdf: Pdf) -> None:
        held = pdf.Root.AF[0].EF.F
        target = held.Params if path else held
        for key, value in entries.items():
            if value is None:
                del target[f"/{key}"]
            else:
                target[f"/{key}"] = value

    return patch


HYBRID: dict[str, list[Patch]] = {
    "FX-invoice": [second, none],
    "FX-xml": [xml(b"</rsm:CrossIndustryInvoice>", b""), xml(b"CrossIndustryInvoice", b"CrossIndustryLetter")],
    "FX-name": [
        file(F=String("Factur-X.xml"), UF=String("Factur-X.xml")),
        file(F=String("zugferd-invoice.xml"), UF=String("zugferd-invoice.xml")),
    ],
    "FX-associated": [root(AF=Array([]))],
    "FX-relationship": [file(AFRelationship=Name.Supplement), xml(b"urn:cen.eu:en16931:2017", b"urn:factur-x.eu:1p0:minimum")],
    "FX-relationship-germany": [both(file(AFRelationship=Name.Data), xml(b"<ram:CountryID>BE<", b"<ram:CountryID>DE<"))],
    "FX-type": [set_in("", Subtype=Name("/application/xml"))],
    "FX-date": [set_in("Params", ModDate=None)],
    "FX-description": [file(Desc=None)],
    "FX-metadata": [said(FX, b"urn:other#")],
    "FX-namespace": [said(FX, FX[:-1])],
    "FX-schema": [said(b"<pdfaProperty:name>Version<", b"<pdfaProperty:name>Edition<")],
    "FX-document-type": [said(b"DocumentType>INVOICE<", b"DocumentType>CREDITNOTE<")],
    "FX-version": [without(b"fx:Version")],
    "FX-level": [
        said(b"ConformanceLevel>EN 16931<", b"ConformanceLevel>EN16931<"),
        said(b"ConformanceLevel>EN 16931<", b"ConformanceLevel>COMFORT<"),
    ],
    "FX-file-name": [said(b"FileName>factur-x.xml<", b"FileName>Factur-X.xml<")],
    "FX-level-agrees": [said(b"ConformanceLevel>EN 16931<", b"ConformanceLevel>BASIC<"), xml(b"urn:cen.eu:en16931:2017", b"urn:other")],
}
