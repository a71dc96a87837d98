"""A hybrid invoice with a page that has everything that conditions look at, all of it as PDF/A-3 wants it."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from einvoice.conversion import convert
from einvoice.formats.syntax import Syntax
from einvoice.pdf.embed import embed
from einvoice.samples import sample
from tests.pdf import papers, small_fonts

Patch = Callable[[Pdf], None]

CONTENT = b"""q 1 0 0 rg 10 10 20 20 re f Q q 0.5 g 30 10 20 20 re f Q /Perceptual ri
/Custom gs /DeviceN cs 0.1 0.2 scn 50 10 20 20 re f /Spot cs 0.5 scn 70 10 20 20 re f /Profiled cs 0 0 0 scn 90 10 20 20 re f
q 20 0 0 20 10 50 cm /Image Do Q q 20 0 0 20 40 50 cm /Jpx Do Q q 1 0 0 1 0 0 cm /Form Do Q
q 20 0 0 20 70 50 cm BI /W 1 /H 1 /BPC 8 /CS /G /F /AHx ID 00> EI Q
BT /True 12 Tf 10 100 Td (A) Tj /One 12 Tf (A) Tj /Three 12 Tf (A) Tj /Composite 12 Tf <0001> Tj ET
/AF /Linked BDC EMC
"""
SCHEMA = b"""<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Own</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:own#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>own</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>Size</pdfaProperty:name><pdfaProperty:valueType>Measure</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>How large</pdfaProperty:description></rdf:li></rdf:Seq>
</pdfaSchema:property><pdfaSchema:valueType><rdf:Seq><rdf:li rdf:parseType="Resource" xmlns:pdfaType="http://www.aiim.org/pdfa/ns/type#">
<pdfaType:type>Measure</pdfaType:type><pdfaType:namespaceURI>urn:own:type#</pdfaType:namespaceURI><pdfaType:prefix>mt</pdfaType:prefix>
<pdfaType:description>A measure</pdfaType:description><pdfaType:field><rdf:Seq>
<rdf:li rdf:parseType="Resource" xmlns:pdfaField="http://www.aiim.org/pdfa/ns/field#"><pdfaField:name>height</pdfaField:name>
<pdfaField:valueType>Integer</pdfaField:valueType><pdfaField:description>How high</pdfaField:description></rdf:li>
</rdf:Seq></pdfaType:field></rdf:li></rdf:Seq></pdfaSchema:valueType></rdf:li>
"""
PROPERTY = b"""<rdf:Description rdf:about="" xmlns:own="urn:own#">
<own:Size rdf:parseType="Resource" xmlns:mt="urn:own:type#"><mt:height>3</mt:height></own:Size></rdf:Description>
"""


@cache
def plain() -> bytes:
    """A hybrid of one page."""
    xml = convert(sample(), Syntax.CII, profile="facturx-en16931").data
    return embed(papers.archived(), xml)


@cache
def rich() -> bytes:
    """The same with a second page that has everything."""
    with pikepdf.open(io.BytesIO(plain())) as pdf:
        page = pdf.add_blank_page(page_size=(200, 200))
        page.obj.Contents = pdf.make_stream(CONTENT)
        page.obj.Resources = _resources(pdf)
        page.obj.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB)
        _notes(pdf, page.obj)
        pdf.Root.OCProperties = _optional(pdf)
        pdf.Root.Perms = Dictionary(DocMDP=Dictionary())
        xmp = pdf.Root.Metadata.read_bytes().replace(b"<rdf:Bag>\n", b"<rdf:Bag>\n" + SCHEMA, 1)
        pdf.Root.Metadata.write(xmp.replace(b"</rdf:RDF>", PROPERTY + b"</rdf:RDF>"))
        return saved(pdf)


def saved(pdf: Pdf) -> bytes:
    """The PDF, its objects as plain as they can be."""
    out = io.BytesIO()
    plain = {"object_stream_mode": pikepdf.ObjectStreamMode.disable, "stream_decode_level": pikepdf.StreamDecodeLevel.none}
    pdf.save(out, fix_metadata_version=False, compress_streams=False, deterministic_id=True, **plain)
    return out.getvalue()


def patched(*patches: Patch, data: bytes | None = None) -> bytes:
    """The rich PDF, or another, with changes."""
    with pikepdf.open(io.BytesIO(rich() if data is None else data), inherit_page_attributes=False) as pdf:
        for patch in patches:
            patch(pdf)
        return saved(pdf)


def page(pdf: Pdf) -> Any:
    """The page with everything."""
    return pdf.Root.Pages.Kids[-1]


def _resources(pdf: Pdf) -> Dictionary:
    function = Dictionary(FunctionType=2, Domain=Array([0, 1]), N=1, C0=Array([0, 0, 0]), C1=Array([1, 0, 0]))
    spot = pdf.make_indirect(Array([Name.Separation, Name("/Corporate"), Name.DeviceRGB, pdf.make_indirect(function)]))
    two = pdf.make_stream(b"{pop dup dup}", Dictionary(FunctionType=4, Domain=Array([0, 1, 0, 1]), Range=Array([0, 1, 0, 1, 0, 1])))
    described = Dictionary(Colorants=Dictionary({"/Corporate": spot}))
    inks = Array([Name.DeviceN, Array([Name("/Corporate"), Name.Black]), Name.DeviceRGB, two, described])
    profile = pdf.Root.OutputIntents[0].DestOutputProfile
    other = pdf.make_stream(profile.read_bytes(), Dictionary(N=3))
    halftone = Dictionary(Type=Name.Halftone, HalftoneType=5, Default=_halftone(), Cyan=_halftone())
    states = Dictionary(Custom=Dictionary(Type=Name.ExtGState, BM=Name.Normal, RI=Name.Saturation, TR2=Name.Default, HT=halftone))
    return Dictionary(
        ColorSpace=Dictionary(DeviceN=inks, Spot=spot, Profiled=Array([Name.ICCBased, other])),
        ExtGState=states,
        Font=_fonts(pdf),
        XObject=_painted(pdf),
        Properties=Dictionary(Linked=Array([pdf.Root.AF[0]])),
    )


def _halftone() -> Dictionary:
    return Dictionary(Type=Name.Halftone, HalftoneType=1, Frequency=60, Angle=45, SpotFunction=Name.Round)


def _painted(pdf: Pdf) -> Dictionary:
    size: dict[str, Any] = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 1, "Height": 1}
    mask = pdf.make_stream(b"\0", Dictionary(**size, ImageMask=True, BitsPerComponent=1))
    image = pdf.make_stream(b"\0\0\0", Dictionary(**size, ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Mask=mask, Intent=Name.Perceptual))
    jpx = pdf.make_stream(small_fonts.jpx(), Dictionary(**size, Filter=Name.JPXDecode))
    box = Array([0, 0, 10, 10])
    form = pdf.make_stream(b"0 0 5 5 re f", Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=box, Resources=Dictionary()))
    return Dictionary(Image=image, Jpx=jpx, Form=form)


def _fonts(pdf: Pdf) -> Dictionary:
    widths: dict[str, Any] = {"FirstChar": 65, "LastChar": 65, "Widths": Array([small_fonts.WIDE])}
    true = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/Small"), Encoding=Name.WinAnsiEncoding, **widths)
    true.FontDescriptor = _descriptor(pdf, 32, FontFile2=pdf.make_stream(small_fonts.true_type()))
    one = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/ABCDEF+Small"), **widths)
    clear, private, rest = small_fonts.lengths()
    held = pdf.make_stream(small_fonts.type_1(), Dictionary(Length1=clear, Length2=private, Length3=rest))
    one.FontDescriptor = _descriptor(pdf, 32, FontFile=held, CharSet=String("/A"))
    drawn = Dictionary(A=pdf.make_stream(b"500 0 d0 0 0 5 5 re f"))
    three = Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 500, 500]), CharProcs=drawn, Resources=Dictionary(), **widths
    )
    three.FontMatrix, three.Encoding = Array([0.001, 0, 0, 0.001, 0, 0]), Dictionary(Differences=Array([65, Name.A]))
    fonts = Dictionary(True_=true, One=one, Three=three, Composite=_composite(pdf))
    fonts["/True"] = fonts["/True_"]
    del fonts["/True_"]
    return pdf.make_indirect(fonts)


def _composite(pdf: Pdf) -> Dictionary:
    system = Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0)
    marked = pdf.make_stream(b"\xc0")
    inner = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/ABCDEF+Small"), CIDSystemInfo=system, DW=small_fonts.WIDE)
    inner.CIDToGIDMap = Name.Identity
    inner.FontDescriptor = _descriptor(pdf, 4, FontFile2=pdf.make_stream(small_fonts.true_type()), CIDSet=marked)
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 1 def /WMode 0 def\n"
        b"/CIDSystemInfo 3 dict dup begin /Registry (Adobe) def /Ordering (Identity) def /Supplement 0 def end def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n1 begincidrange <0000> <00FF> 0 endcidrange\n"
        b"endcmap CMapName currentdict /CMap defineresource pop end end\n"
    )
    own = Dictionary(Type=Name.CMap, CMapName=Name("/Own"), CIDSystemInfo=system, WMode=0, UseCMap=Name("/Identity-H"))
    encoding = pdf.make_stream(cmap, own)
    fonts = Array([pdf.make_indirect(inner)])
    return Dictionary(Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/ABCDEF+Small"), Encoding=encoding, DescendantFonts=fonts)


def _descriptor(pdf: Pdf, flags: int, **held: Any) -> Any:
    box = Array([0, 0, 500, 500])
    stated: dict[str, Any] = {
        "Type": Name.FontDescriptor,
        "FontName": Name("/Small"),
        "Flags": flags,
        "FontBBox": box,
        "ItalicAngle": 0,
        "StemV": 80,
    }
    return pdf.make_indirect(Dictionary(**stated, Ascent=800, Descent=-200, CapHeight=500, **held))


def _notes(pdf: Pdf, page: Any) -> None:
    box = Array([0, 0, 10, 10])
    form = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=box, Resources=Dictionary())
    look: dict[str, Any] = {"N": pdf.make_stream(b"0 0 5 5 re f", form)}
    square = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=Array([100, 100, 110, 110]), F=4, AP=Dictionary(**look))
    )
    action = Dictionary(S=Name.Named, N=Name.NextPage)
    link = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([120, 100, 130, 110]), F=4, A=action))
    states = Dictionary(Yes=pdf.make_stream(b"0 0 5 5 re f", form), Off=pdf.make_stream(b"", form))
    button: dict[str, Any] = {"FT": Name.Btn, "T": String("agree"), "AS": Name.Yes, "AP": Dictionary(N=states)}
    widget = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array([140, 100, 150, 110]), F=4, **button))
    signature = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Reference=Array([Dictionary(TransformMethod=Name.DocMDP)]))
    signature.ByteRange, signature.Contents = Array([0, 10, 20, 10]), String(b"\x30\x00")
    sign: dict[str, Any] = {"FT": Name.Sig, "T": String("sign"), "V": pdf.make_indirect(signature)}
    empty = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array([0, 0, 0, 0]), F=4, **sign))
    page.Annots = Array([square, link, widget, empty])
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget, empty]), NeedAppearances=False)


def _optional(pdf: Pdf) -> Dictionary:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("layer")))
    first = Dictionary(Name=String("all"), Order=Array([group]))
    return Dictionary(OCGs=Array([group]), D=first, Configs=Array([Dictionary(Name=String("print"), Order=Array([group]))]))
