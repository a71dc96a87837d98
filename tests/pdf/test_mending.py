"""Mending: what is taken out of an ERP's PDF, that the container check then finds nothing, and that its page looks the same.

What would be seen is not mended: those PDFs are refused, by the condition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from einvoice.errors import NotArchivable
from einvoice.pdf import container
from einvoice.pdf.embed import embedded
from tests.pdf import papers

Change = Callable[[Any], object]


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def put(node: Any, **keys: Any) -> Any:
    """A dictionary gets these keys."""
    for key, value in keys.items():
        node[f"/{key}"] = value
    return node


def odd(pdf: Any) -> Any:
    """Metadata of nobody's schema."""
    return pdf.make_stream(b"<odd/>", Type=Name.Metadata, Subtype=Name.XML)


def note(pdf: Any, **keys: Any) -> Any:
    """An annotation on the first page."""
    made = pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=[300, 300, 340, 320], **keys))
    page = pdf.pages[0].obj
    page.Annots = Array([*(page.get("/Annots") or []), made])
    return made


def drawing(pdf: Any, content: bytes = b"1 0 0 rg 0 0 40 20 re f", **keys: Any) -> Any:
    """A form that an annotation or a page can be drawn with."""
    return pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 40, 20], **keys)


def painted(pdf: Any, thing: Any, category: str = "XObject", name: str = "X9", content: bytes = b"") -> None:
    """The first page uses a thing, and paints more."""
    page = pdf.pages[0]
    resources = page.obj.Resources
    if f"/{category}" not in resources:
        resources[f"/{category}"] = Dictionary()
    resources[f"/{category}"][f"/{name}"] = thing
    page.contents_add(content or f"q 40 0 0 40 400 400 cm /{name} Do Q".encode())


def image(pdf: Any, **keys: Any) -> Any:
    """A picture with more points than the screen shows of it."""
    points = bytes(value for y in range(256) for x in range(256) for value in (x, y, 128))
    kind = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 256, "Height": 256, "BitsPerComponent": 8, "ColorSpace": Name.DeviceRGB}
    return pdf.make_stream(points, **kind, **keys)


def state(pdf: Any, **keys: Any) -> None:
    painted(pdf, pdf.make_indirect(Dictionary(Type=Name.ExtGState, **keys)), "ExtGState", "G9", b"/G9 gs 0 0 1 rg 400 500 20 20 re f")


def field(pdf: Any, **keys: Any) -> Any:
    """A field of a form with its widget."""
    made = note(pdf, Subtype=Name.Widget, T=String("total"), **keys)
    pdf.Root.AcroForm = Dictionary(Fields=Array([made]))
    return made


def layer(pdf: Any, **keys: Any) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("ink")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(**keys))


def from_above(pdf: Any) -> None:
    page = pdf.pages[0].obj
    page.Parent.Resources, page.Parent.MediaBox = page.Resources, page.MediaBox
    del page["/Resources"], page["/MediaBox"]


def bare_form(pdf: Any) -> None:
    painted(pdf, image(pdf), name="I9")
    painted(pdf, drawing(pdf, b"q 40 0 0 20 0 0 cm /I9 Do Q"), name="F9")


def version(pdf: Any) -> None:
    pdf.Root.Version = Name("/1.4")


def font_lists(pdf: Any) -> None:
    for each in pdf.objects:
        if isinstance(each, Dictionary) and each.get("/Type") == "/FontDescriptor":
            each.CIDSet = pdf.make_stream(b"\x80")


def without_map(pdf: Any) -> None:
    for each in pdf.objects:
        if isinstance(each, Dictionary) and each.get("/Subtype") == "/CIDFontType2" and each.get("/CIDToGIDMap") == "/Identity":
            del each["/CIDToGIDMap"]


def for_a_press(pdf: Any) -> None:
    """The output intent is a press's: as much of its profile as is looked at."""
    header = b"\0" * 8 + b"\x02\x40\0\0" + b"prtrCMYKLab " + b"\0" * 12 + b"acsp"
    profile = pdf.make_stream(header.ljust(132, b"\0"), N=4)
    intent = Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier=String("press"), DestOutputProfile=profile)
    pdf.Root.OutputIntents = Array([intent])
    painted(pdf, drawing(pdf, b"1 0 0 rg 0 0 40 20 re f", Resources=Dictionary()), name="F9")


def outline(pdf: Any) -> None:
    with pdf.open_outline() as made:
        made.root.append(pikepdf.OutlineItem("x", 0))
    pdf.Root.Outlines.First.A = script()
    del pdf.Root.Outlines.First["/Dest"]


SEEN: dict[str, Change] = {
    "scripts by name": lambda pdf: put(
        pdf.Root, Names=Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script()])), Renditions=Dictionary(Names=Array([])))
    ),
    "action on opening": lambda pdf: put(pdf.Root, OpenAction=script()),
    "named action on opening": lambda pdf: put(pdf.Root, OpenAction=Dictionary(S=Name.Named, N=Name.Print)),
    "action that follows": lambda pdf: put(
        pdf.Root, OpenAction=Dictionary(S=Name.URI, URI=String("https://example.org"), Next=Array([script()]))
    ),
    "actions of the document": lambda pdf: put(pdf.Root, AA=Dictionary(WC=script())),
    "actions of a page": lambda pdf: put(pdf.pages[0].obj, AA=Dictionary(O=script())),
    "requirements": lambda pdf: put(pdf.Root, Requirements=Array([Dictionary(S=Name.EnableJavaScripts)])),
    "steps of a presentation": lambda pdf: put(pdf.pages[0].obj, PresSteps=Dictionary(Type=Name.NavNode)),
    "private data": lambda pdf: put(pdf.pages[0].obj, PieceInfo=Dictionary(ERP=Dictionary(LastModified=String("D:2026")))),
    "metadata of a page": lambda pdf: put(pdf.pages[0].obj, Metadata=pdf.make_stream(b"<odd/>", Type=Name.Metadata, Subtype=Name.XML)),
    "version": version,
    "rights of use": lambda pdf: put(pdf.Root, Perms=Dictionary(UR3=Dictionary(Type=Name.Sig))),
    "RGB for a press": for_a_press,
    "outline": outline,
    "action of a link": lambda pdf: note(pdf, Subtype=Name.Link, Border=[0, 0, 0], F=4, A=Dictionary(S=Name.Launch, F=String("x.exe"))),
    "flags of a link": lambda pdf: note(
        pdf, Subtype=Name.Link, Border=[0, 0, 0], A=Dictionary(S=Name.URI, URI=String("https://example.org"))
    ),
    "flags": lambda pdf: note(pdf, Subtype=Name.Square, F=256 + 1, AP=Dictionary(N=drawing(pdf))),
    "hidden": lambda pdf: note(pdf, Subtype=Name.Square, F=2, AP=Dictionary(N=drawing(pdf))),
    "neither seen nor printed": lambda pdf: note(pdf, Subtype=Name.Square, F=32, AP=Dictionary(N=drawing(pdf))),
    "under the mouse": lambda pdf: note(pdf, Subtype=Name.Square, F=4, AP=Dictionary(N=drawing(pdf), D=drawing(pdf), R=drawing(pdf))),
    "actions of an annotation": lambda pdf: note(pdf, Subtype=Name.Square, F=4, AP=Dictionary(N=drawing(pdf)), AA=Dictionary(E=script())),
    "actions of a field": lambda pdf: field(pdf, FT=Name.Tx, F=4, AP=Dictionary(N=drawing(pdf)), A=script(), AA=Dictionary(K=script())),
    "hidden field": lambda pdf: field(pdf, FT=Name.Tx, F=2, V=String("7"), AP=Dictionary(N=drawing(pdf))),
    "empty field": lambda pdf: field(pdf, FT=Name.Tx, F=4),
    "viewer draws the fields": lambda pdf: (
        field(pdf, FT=Name.Tx, F=4, AP=Dictionary(N=drawing(pdf, b""))),
        put(pdf.Root.AcroForm, NeedAppearances=True),
    ),
    "xfa": lambda pdf: (
        field(pdf, FT=Name.Tx, F=4, AP=Dictionary(N=drawing(pdf))),
        put(pdf.Root.AcroForm, XFA=pdf.make_stream(b"<xdp/>")),
        put(pdf.Root, NeedsRendering=False),
    ),
    "layers without a name": layer,
    "layers that are not listed": lambda pdf: layer(pdf, Name=String("all"), Order=Array([])),
    "layers for printing": lambda pdf: layer(
        pdf, Name=String("all"), AS=Array([Dictionary(Event=Name.Print, Category=Array([Name.Print]), OCGs=Array([]))])
    ),
    "transfer that does nothing": lambda pdf: state(pdf, TR=Name.Identity),
    "transfer that is overruled": lambda pdf: state(pdf, TR=Name.Identity, TR2=Name.Default),
    "halftone": lambda pdf: state(
        pdf, HT=Dictionary(Type=Name.Halftone, HalftoneType=1, Frequency=60, Angle=45, SpotFunction=Name.Round, HalftoneName=String("x"))
    ),
    "rendering intent": lambda pdf: state(pdf, RI=Name.Vivid),
    "interpolated image": lambda pdf: painted(pdf, image(pdf, Interpolate=True)),
    "alternative images": lambda pdf: painted(pdf, image(pdf, Alternates=Array([Dictionary(Image=image(pdf))]))),
    "image elsewhere": lambda pdf: painted(pdf, image(pdf, OPI=Dictionary(), Intent=Name.Vivid)),
    "metadata of an image": lambda pdf: painted(pdf, image(pdf, Metadata=odd(pdf))),
    "page of another file": lambda pdf: painted(pdf, drawing(pdf, Ref=Dictionary(F=String("x.pdf"), Page=0), Resources=Dictionary())),
    "PostScript": lambda pdf: painted(pdf, drawing(pdf, Subtype2=Name.PS, PS=pdf.make_stream(b"showpage"), Resources=Dictionary())),
    "resources from above": from_above,
    "form without resources": bare_form,
    "lists of glyphs": font_lists,
    "mapping to glyphs": without_map,
}


@pytest.mark.parametrize("what", SEEN)
def test_it_is_mended_and_the_page_looks_the_same(what: str) -> None:
    before = papers.changed(SEEN[what], papers.archived())
    made = embedded(before, papers.cii())
    assert container.examine(made.data).layer.findings == ()
    assert papers.seen(made.data) == papers.seen(before)


@pytest.mark.parametrize("what", [what for what in SEEN if what not in {"version", "lists of glyphs", "mapping to glyphs"}])
def test_and_it_is_said(what: str) -> None:
    assert embedded(papers.changed(SEEN[what], papers.archived()), papers.cii()).changes


def test_without_it_nothing_is_mended() -> None:
    assert embedded(papers.archived(), papers.cii()).changes == ()


def test_all_of_it_at_once() -> None:
    once = {"hidden field", "empty field", "actions of a field", "viewer draws the fields", "layers for printing", "layers without a name"}
    rounded = {"RGB for a press"}  # shades of a picture go through a profile then, and differ by one of 255
    pdf = papers.archived()
    for what in sorted(SEEN.keys() - once - rounded):
        pdf = papers.changed(SEEN[what], pdf)
    made = embedded(pdf, papers.cii())
    assert container.examine(made.data).layer.findings == ()
    assert papers.seen(made.data) == papers.seen(pdf)


REFUSED: dict[str, tuple[Change, str]] = {
    "a sound": (lambda pdf: note(pdf, Subtype=Name.Sound, F=4, AP=Dictionary(N=drawing(pdf))), "PDFA-6.3.1-1"),
    "only on paper": (lambda pdf: note(pdf, Subtype=Name.Square, F=32 + 4, AP=Dictionary(N=drawing(pdf))), "PDFA-6.3.2-2"),
    "drawn by the viewer": (lambda pdf: note(pdf, Subtype=Name.Square, F=4, C=[1, 0, 0]), "PDFA-6.3.3-1"),
    "a field drawn by the viewer": (lambda pdf: field(pdf, FT=Name.Tx, F=4, V=String("7")), "PDFA-6.3.3-1"),
    "CMYK without an intent": (lambda pdf: painted(pdf, drawing(pdf, b"1 0 0 0 k 0 0 9 9 re f", Resources=Dictionary())), "PDFA-6.2.4.3-3"),
    "a transfer that transfers": (
        lambda pdf: state(pdf, TR=Dictionary(FunctionType=2, Domain=[0, 1], N=1, C0=[1], C1=[0])),
        "PDFA-6.2.5-1",
    ),
    "PostScript instead of a picture": (
        lambda pdf: painted(pdf, pdf.make_stream(b"showpage", Type=Name.XObject, Subtype=Name.PS)),
        "PDFA-6.2.9-3",
    ),
    "a form that the viewer must make": (lambda pdf: put(pdf.Root, NeedsRendering=True), "PDFA-6.4.2-2"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_be_seen_is_refused_and_named(what: str) -> None:
    change, rule = REFUSED[what]
    with pytest.raises(NotArchivable) as refused:
        embedded(papers.changed(change), papers.cii())
    assert rule in {finding.rule for finding in refused.value.findings}
