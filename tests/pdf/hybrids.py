"""Hybrids made by pikepdf for the tests: files wherever they may hang, metadata in every spelling."""

from __future__ import annotations

import io
from typing import Any

import pikepdf

from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.samples import sample

FACTUR_X = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
ZUGFERD_1 = "urn:ferd:pdfa:CrossIndustryDocument:invoice:1p0#"
ORDER_X = "urn:factur-x:pdfa:CrossIndustryDocument:1p0#"
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def cii() -> bytes:
    """An invoice as hybrids carry it."""
    return write(sample(), Syntax.CII, profile="en16931")


def ubl() -> bytes:
    """An invoice in the other syntax."""
    return write(sample(), Syntax.UBL, profile="en16931")


def order(code: str = "220") -> bytes:
    """As much of an Order-X as its beginning."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rsm:SCRDMCCBDACIOMessageStructure '
        'xmlns:rsm="urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100" '
        'xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:128"><rsm:ExchangedDocument>'
        f"<ram:ID>PO-1</ram:ID><ram:TypeCode>{code}</ram:TypeCode></rsm:ExchangedDocument></rsm:SCRDMCCBDACIOMessageStructure>"
    ).encode()


def xmp(filename: str, level: str = "EN 16931", namespace: str = FACTUR_X, kind: str = "INVOICE", *, attributes: bool = False) -> bytes:
    """Metadata that claim it, as elements or as attributes."""
    said = {"DocumentType": kind, "DocumentFileName": filename, "Version": "1.0", "ConformanceLevel": level}
    if attributes:
        rows = " ".join(f"q:{key}='{value}'" for key, value in said.items())
        inner = f"<rdf:Description rdf:about='' xmlns:q='{namespace}' {rows}/>"
    else:
        rows = "\n  ".join(f"<fx:{key}> {value}\n</fx:{key}>" for key, value in said.items())
        inner = f'<rdf:Description rdf:about="" xmlns:fx="{namespace}">{rows}</rdf:Description>'
    packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {RDF}>{inner}</rdf:RDF></x:xmpmeta>'
    return f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{packet}{" " * 200}<?xpacket end="w"?>'.encode()


class Made:
    """A PDF in the making: pages, files, metadata."""

    def __init__(self, *, pages: int = 1) -> None:
        self.pdf = pikepdf.new()
        for _ in range(pages):
            self.pdf.add_blank_page(page_size=(300, 300))

    def specification(self, data: bytes, name: str | bytes, relationship: str = "Alternative", **more: Any) -> pikepdf.Object:
        """A file with its specification; a name in bytes stands as it is."""
        held = self.pdf.make_stream(data, Type=pikepdf.Name.EmbeddedFile, Subtype=pikepdf.Name("/text/xml"))
        stated = pikepdf.String(name) if isinstance(name, str) else pikepdf.Object.parse(b"<" + name.hex().encode() + b">")
        keys = {"F": stated, "UF": stated, "AFRelationship": pikepdf.Name(f"/{relationship}"), **more}
        return self.pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Filespec, EF=pikepdf.Dictionary(F=held, UF=held), **keys))

    def named(self, *files: tuple[str | bytes, bytes]) -> Made:
        """Files in the name tree, in the order given, equal names too."""
        entries: list[Any] = []
        for name, data in files:
            entries += [pikepdf.String(name if isinstance(name, str) else "key"), self.specification(data, name)]
        self.pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array(entries)))
        return self

    def associated(self, data: bytes, name: str = "factur-x.xml", *, page: int | None = None) -> Made:
        """A file in /AF of the catalog, or of a page, alone."""
        home = self.pdf.Root if page is None else self.pdf.pages[page].obj
        home.AF = pikepdf.Array([self.specification(data, name)])
        return self

    def annotated(self, data: bytes, name: str = "factur-x.xml", *, page: int = 0) -> Made:
        """A file in an annotation."""
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=[0, 0, 9, 9], FS=self.specification(data, name)
        )
        self.pdf.pages[page].obj.Annots = pikepdf.Array([self.pdf.make_indirect(note)])
        return self

    def claiming(self, metadata: bytes) -> Made:
        """With these metadata."""
        self.pdf.Root.Metadata = self.pdf.make_stream(metadata, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        return self

    def bytes(self, **how: Any) -> bytes:
        """What it is written as."""
        out = io.BytesIO()
        self.pdf.save(out, **{"deterministic_id": "encryption" not in how, **how})
        return out.getvalue()
