"""Small changes to the rich PDF, each of which breaks a condition: what is painted, fonts, files, interaction."""

from __future__ import annotations

from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.pdf import small_fonts
from tests.pdf.rich import Patch, page


def at(pdf: Pdf, path: str) -> Any:
    """What stands on the page with everything, keys and numbers separated by spaces."""
    found = page(pdf)
    for step in path.split():
        found = found[int(step) if step.isdigit() else f"/{step}"]
    return found


def put(path: str, **entries: Any) -> Patch:
    """Sets entries of a dictionary of that page."""

    def patch(pdf: Pdf) -> None:
        for key, value in entries.items():
            at(pdf, path)[f"/{key}"] = value(pdf) if callable(value) else value

    return patch


def take(path: str, *keys: str) -> Patch:
    """Removes entries of a dictionary of that page."""

    def patch(pdf: Pdf) -> None:
        for key in keys:
            del at(pdf, path)[f"/{key}"]

    return patch


def root(**entries: Any) -> Patch:
    """Sets entries of the catalog."""

    def patch(pdf: Pdf) -> None:
        for key, value in entries.items():
            pdf.Root[f"/{key}"] = value(pdf) if callable(value) else value

    return patch


def write(path: str, data: bytes) -> Patch:
    """Replaces what a stream of that page holds."""
    return lambda pdf: at(pdf, path).write(data)


def painting(content: bytes) -> Patch:
    """Paints more on that page."""
    return lambda pdf: page(pdf).Contents.write(page(pdf).Contents.read_bytes() + b"\n" + content)


def gone(pdf: Pdf) -> None:
    """Removes the output intent."""
    del pdf.Root.OutputIntents


def both(*patches: Patch) -> Patch:
    """Several changes."""

    def patch(pdf: Pdf) -> None:
        for each in patches:
            each(pdf)

    return patch


def jpx(**changed: Any) -> Patch:
    """Another JPEG 2000 image."""
    return lambda pdf: at(pdf, "Resources XObject Jpx").write(small_fonts.jpx(**changed), filter=Name.JPXDecode)


def profile(at_byte: int, text: bytes, *, own: bool = True) -> Patch:
    """Changes bytes of the header of the profile of a colour space, or of the output intent."""

    def patch(pdf: Pdf) -> None:
        stream = at(pdf, "Resources ColorSpace Profiled 1") if own else pdf.Root.OutputIntents[0].DestOutputProfile
        data = bytearray(stream.read_bytes())
        data[at_byte : at_byte + len(text)] = text
        stream.write(bytes(data))

    return patch


def second_intent(pdf: Pdf) -> None:
    """A second output intent with a profile of its own."""
    first = pdf.Root.OutputIntents[0]
    other = pdf.make_stream(first.DestOutputProfile.read_bytes(), Dictionary(N=3))
    pdf.Root.OutputIntents.append(Dictionary(S=Name.GTS_PDFX, OutputConditionIdentifier=String("x"), DestOutputProfile=other))


def referring_intent(pdf: Pdf) -> None:
    """An output intent whose profile lies elsewhere."""
    pdf.Root.OutputIntents.append(Dictionary(S=Name.GTS_PDFX, OutputConditionIdentifier=String("x"), DestOutputProfileRef=Dictionary()))


def mixing(pdf: Pdf) -> None:
    """Overprints a CMYK colour of a profile."""
    header = bytearray(at(pdf, "Resources ColorSpace Profiled 1").read_bytes())
    header[16:20] = b"CMYK"
    at(pdf, "Resources ColorSpace").Inks = Array([Name.ICCBased, pdf.make_stream(bytes(header), Dictionary(N=4))])
    at(pdf, "Resources ExtGState").Mixing = Dictionary(OP=True, OPM=1)
    painting(b"/Mixing gs /Inks cs 0 0 0 1 scn 0 0 5 5 re f")(pdf)


def from_above(pdf: Pdf) -> None:
    """Leaves the resources of a page to the tree of pages."""
    pdf.Root.Pages.Resources = page(pdf).Resources
    del page(pdf).Resources


def script(pdf: Pdf) -> None:
    """Paints a PostScript XObject."""
    at(pdf, "Resources XObject").Script = pdf.make_stream(b"", Dictionary(Type=Name.XObject, Subtype=Name.PS))
    painting(b"/Script Do")(pdf)


def uncoloured(pdf: Pdf) -> None:
    """A transparent page that does not say in which colours it blends."""
    at(pdf, "Resources ExtGState").Clear = Dictionary(ca=0.5)
    painting(b"/Clear gs 0 0 5 5 re f")(pdf)
    del page(pdf).Group
    gone(pdf)


def different_spot(pdf: Pdf) -> None:
    """The same spot colour, otherwise defined."""
    function = Dictionary(FunctionType=2, Domain=Array([0, 1]), N=1, C0=Array([0, 0, 0]), C1=Array([0, 1, 0]))
    at(pdf, "Resources ColorSpace").Other = Array([Name.Separation, Name("/Corporate"), Name.DeviceRGB, function])
    painting(b"/Other cs 1 scn 0 0 5 5 re f")(pdf)


def many_inks(pdf: Pdf) -> None:
    """A colour space of 33 colorants."""
    names = Array([Name(f"/Ink{number}") for number in range(33)])
    tint = Dictionary(FunctionType=4, Domain=Array([0, 1] * 33), Range=Array([0, 1] * 3))
    described = {f"/Ink{number}": _ink(f"/Ink{number}") for number in range(33)}
    space = [
        Name.DeviceN,
        names,
        Name.DeviceRGB,
        pdf.make_stream(b"{" + b"pop " * 30 + b"}", tint),
        Dictionary(Colorants=Dictionary(described)),
    ]
    at(pdf, "Resources ColorSpace").Many = Array(space)
    painting(b"/Many cs " + b"0 " * 33 + b"scn 0 0 5 5 re f")(pdf)


def _ink(name: str) -> Array:
    function = Dictionary(FunctionType=2, Domain=Array([0, 1]), N=1, C0=Array([0, 0, 0]), C1=Array([0, 1, 0]))
    return Array([Name.Separation, Name(name), Name.DeviceRGB, function])


TRUE, ONE = "Resources Font True", "Resources Font One"
INNER, STATE, IMAGE = "Resources Font Composite DescendantFonts 0", "Resources ExtGState Custom", "Resources XObject Image"
CMAP, FORM = "Resources Font Composite Encoding", "Resources XObject Form"


def cmap(old: bytes, new: bytes) -> Patch:
    """Changes the text of the CMap."""
    return lambda pdf: at(pdf, CMAP).write(at(pdf, CMAP).read_bytes().replace(old, new))


GRAPHICS: dict[str, list[Patch]] = {
    "PDFA-6.1.10-1": [painting(b"BI /W 1 /H 1 /BPC 8 /CS /G /F /LZW ID \x80\x0b\x60 EI")],
    "PDFA-6.1.13-8": [painting(b"q " * 29 + b"Q " * 29)],
    "PDFA-6.1.13-9": [many_inks],
    "PDFA-6.1.13-11": [put("", TrimBox=Array([0, 0, 2, 200])), put("", MediaBox=Array([0, 0, 20_000, 200]))],
    "PDFA-6.2.2-1": [painting(b"BX 1 dance EX")],
    "PDFA-6.2.2-2": [from_above],
    "PDFA-6.2.3-1": [profile(12, b"scnr", own=False), profile(8, b"\x05", own=False), profile(16, b"Lab ", own=False)],
    "PDFA-6.2.3-2": [second_intent],
    "PDFA-6.2.3-3": [referring_intent],
    "PDFA-6.2.4.2-1": [profile(12, b"link"), profile(8, b"\x05"), profile(16, b"XYZ ")],
    "PDFA-6.2.4.2-2": [mixing],
    "PDFA-6.2.4.3-2": [gone],
    "PDFA-6.2.4.3-3": [painting(b"0 0 0 1 k 0 0 5 5 re f"), put(IMAGE, ColorSpace=Name.DeviceCMYK)],
    "PDFA-6.2.4.3-4": [gone],
    "PDFA-6.2.4.4-1": [take("Resources ColorSpace DeviceN 4", "Colorants")],
    "PDFA-6.2.4.4-2": [different_spot],
    "PDFA-6.2.5-1": [put(STATE, TR=Name.Identity)],
    "PDFA-6.2.5-2": [put(STATE, TR2=Name.Identity)],
    "PDFA-6.2.5-3": [put(STATE, HTP=Array([0, 0]))],
    "PDFA-6.2.5-4": [put(f"{STATE} HT", HalftoneType=6)],
    "PDFA-6.2.5-5": [put(f"{STATE} HT", HalftoneName=String("x"))],
    "PDFA-6.2.5-6": [put(f"{STATE} HT Cyan", TransferFunction=Name.Identity)],
    "PDFA-6.2.6-1": [painting(b"/Bright ri"), put(IMAGE, Intent=Name.Bright), put(STATE, RI=Name.Bright)],
    "PDFA-6.2.8-1": [put(IMAGE, Alternates=Array([]))],
    "PDFA-6.2.8-2": [put(IMAGE, OPI=Dictionary())],
    "PDFA-6.2.8-3": [put(IMAGE, Interpolate=True), painting(b"BI /W 1 /H 1 /BPC 8 /CS /G /I true ID 0 EI")],
    "PDFA-6.2.8-4": [put(IMAGE, BitsPerComponent=3)],
    "PDFA-6.2.8-5": [put(f"{IMAGE} Mask", BitsPerComponent=2)],
    "PDFA-6.2.8.3-1": [jpx(channels=2)],
    "PDFA-6.2.8.3-2": [jpx(specifications=((1, 0, 16), (1, 0, 17)))],
    "PDFA-6.2.8.3-3": [jpx(specifications=((4, 0, 16),))],
    "PDFA-6.2.8.3-4": [jpx(specifications=((1, 0, 19),))],
    "PDFA-6.2.8.3-5": [jpx(differing=True), jpx(bits=40)],
    "PDFA-6.2.9-1": [put(FORM, OPI=Dictionary()), put(FORM, Subtype2=Name.PS), put(FORM, PS=lambda pdf: pdf.make_stream(b""))],
    "PDFA-6.2.9-2": [put(FORM, Ref=Dictionary())],
    "PDFA-6.2.9-3": [script],
    "PDFA-6.2.10-1": [put(STATE, BM=Name.Glow)],
    "PDFA-6.2.10-2": [uncoloured],
}

FONTS: dict[str, list[Patch]] = {
    "PDFA-6.1.13-10": [cmap(b"<0000> <00FF> 0", b"<0000> <00FF> 65500")],
    "PDFA-6.2.11.2-1": [put(TRUE, Type=Name.Typeface)],
    "PDFA-6.2.11.2-2": [put(INNER, Subtype=Name.CIDFontType7)],
    "PDFA-6.2.11.2-3": [take(ONE, "BaseFont")],
    "PDFA-6.2.11.2-4": [take(TRUE, "FirstChar")],
    "PDFA-6.2.11.2-5": [take(TRUE, "LastChar")],
    "PDFA-6.2.11.2-6": [put(TRUE, Widths=Array([500, 500])), take(TRUE, "Widths")],
    "PDFA-6.2.11.2-7": [put(f"{ONE} FontDescriptor FontFile", Subtype=Name.Type42)],
    "PDFA-6.2.11.3.1-1": [put(f"{INNER} CIDSystemInfo", Ordering=String("Japan1"))],
    "PDFA-6.2.11.3.2-1": [take(INNER, "CIDToGIDMap")],
    "PDFA-6.2.11.3.3-1": [put("Resources Font Composite", Encoding=Name("/Own-H"))],
    "PDFA-6.2.11.3.3-2": [cmap(b"/WMode 0", b"/WMode 1"), put(CMAP, WMode=1)],
    "PDFA-6.2.11.3.3-3": [put(CMAP, UseCMap=lambda pdf: pdf.make_stream(b"", Dictionary(CMapName=Name("/Mine"))))],
    "PDFA-6.2.11.4.1-1": [take(f"{TRUE} FontDescriptor", "FontFile2"), take(f"{INNER} FontDescriptor", "FontFile2")],
    "PDFA-6.2.11.4.1-2": [painting(b"BT /Composite 12 Tf <0009> Tj ET"), painting(b"BT /One 12 Tf (B) Tj ET")],
    "PDFA-6.2.11.4.2-1": [put(f"{ONE} FontDescriptor", CharSet=String("/A/B"))],
    "PDFA-6.2.11.4.2-2": [write(f"{INNER} FontDescriptor CIDSet", b"\x80")],
    "PDFA-6.2.11.5-1": [put(TRUE, Widths=Array([502])), put(INNER, DW=600), put(ONE, Widths=Array([400])), put(INNER, W=Array([1, 1, 10]))],
    "PDFA-6.2.11.6-1": [write(f"{TRUE} FontDescriptor FontFile2", small_fonts.true_type([(3, 0)]))],
    "PDFA-6.2.11.6-2": [
        put(TRUE, Encoding=Dictionary()),
        put(TRUE, Encoding=Dictionary(BaseEncoding=Name.WinAnsiEncoding, Differences=Array([1, Name.g1]))),
    ],
    "PDFA-6.2.11.6-3": [put(f"{TRUE} FontDescriptor", Flags=4)],
    "PDFA-6.2.11.6-4": [put(f"{TRUE} FontDescriptor", Flags=4)],
    "PDFA-6.2.11.8-1": [
        painting(b"BT /Composite 12 Tf <0000> Tj ET"),
        put(TRUE, Encoding=Dictionary(Differences=Array([65, Name("/.notdef")]))),
    ],
}

NOTE, LINK, BUTTON = "Annots 0", "Annots 1", "Annots 2"

INTERACTION: dict[str, list[Patch]] = {
    "PDFA-6.1.12-1": [root(Perms=Dictionary(Other=Dictionary()))],
    "PDFA-6.1.12-2": [put("Annots 3 V Reference 0", DigestMethod=Name.MD5)],
    "PDFA-6.3.1-1": [put(NOTE, Subtype=Name.Movie)],
    "PDFA-6.3.2-1": [take(NOTE, "F")],
    "PDFA-6.3.2-2": [put(NOTE, F=6), put(NOTE, F=0), put(NOTE, F=36), put(NOTE, F=5), put(NOTE, F=260)],
    "PDFA-6.3.3-1": [take(NOTE, "AP")],
    "PDFA-6.3.3-2": [put(f"{NOTE} AP", D=lambda pdf: pdf.make_stream(b""))],
    "PDFA-6.3.3-3": [put(f"{BUTTON} AP", N=lambda pdf: at(pdf, f"{NOTE} AP N"))],
    "PDFA-6.3.3-4": [put(f"{NOTE} AP", N=lambda pdf: Dictionary(On=at(pdf, f"{NOTE} AP N")))],
    "PDFA-6.4.1-1": [put(BUTTON, AA=Dictionary()), put(BUTTON, A=Dictionary(S=Name.Named, N=Name.NextPage))],
    "PDFA-6.4.1-2": [put(BUTTON, AA=Dictionary())],
    "PDFA-6.4.1-3": [lambda pdf: pdf.Root.AcroForm.__setitem__("/NeedAppearances", True)],
    "PDFA-6.4.2-1": [lambda pdf: pdf.Root.AcroForm.__setitem__("/XFA", Array([]))],
    "PDFA-6.4.2-2": [root(NeedsRendering=True)],
    "PDFA-6.5.1-1": [put(LINK, A=Dictionary(S=Name.JavaScript, JS=String("1"))), put(f"{LINK} A", Next=Dictionary(S=Name.Launch))],
    "PDFA-6.5.1-2": [put(f"{LINK} A", N=Name.Print)],
    "PDFA-6.5.2-1": [root(AA=Dictionary())],
    "PDFA-6.5.2-2": [put("", AA=Dictionary())],
    "PDFA-6.9-1": [lambda pdf: pdf.Root.OCProperties.D.__delitem__("/Name")],
    "PDFA-6.9-2": [lambda pdf: pdf.Root.OCProperties.Configs[0].__setitem__("/Name", String("all"))],
    "PDFA-6.9-3": [lambda pdf: pdf.Root.OCProperties.D.__setitem__("/Order", Array([]))],
    "PDFA-6.9-4": [lambda pdf: pdf.Root.OCProperties.D.__setitem__("/AS", Array([]))],
    "PDFA-6.10-1": [lambda pdf: pdf.Root.Names.__setitem__("/AlternatePresentations", Dictionary(Names=Array([])))],
    "PDFA-6.10-2": [put("", PresSteps=Dictionary())],
    "PDFA-6.11-1": [root(Requirements=Array([Dictionary(S=Name.EnableJavaScripts)]))],
}


def file(**entries: Any) -> Patch:
    """Sets entries of the invoice's file specification."""

    def patch(pdf: Pdf) -> None:
        for key, value in entries.items():
            if value is None:
                del pdf.Root.AF[0][f"/{key}"]
            else:
                pdf.Root.AF[0][f"/{key}"] = value

    return patch


FILES: dict[str, list[Patch]] = {
    "PDFA-6.8-1": [
        lambda pdf: pdf.Root.AF[0].EF.F.__delitem__("/Subtype"),
        lambda pdf: pdf.Root.AF[0].EF.F.__setitem__("/Subtype", Name.xml),
    ],
    "PDFA-6.8-2": [file(UF=None), file(F=None)],
    "PDFA-6.8-3": [file(AFRelationship=None)],
    "PDFA-6.8-4": [both(root(AF=Array([])), painting(b""), put("Resources Properties", Linked=Array([])))],
}
