"""Pages, graphics states, images and forms without what changes nothing on the screen (ISO 19005-3, 6.2.5 to 6.2.9, 6.10)."""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.pdf.conditions.seen.values import Object, name

_INTENTS = frozenset({"RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation"})
_PAGE = {
    "/AA": "actions of pages removed",
    "/PresSteps": "steps of a presentation removed",
    "/PieceInfo": "private data of programs removed",
    "/Metadata": "metadata of parts of the document removed",
}
_IMAGE = {
    "/Alternates": "alternative images removed",
    "/OPI": "references to images outside the file removed",
    "/Metadata": "metadata of parts of the document removed",
    "/PieceInfo": "private data of programs removed",
}
_FORM = {
    "/OPI": "references to images outside the file removed",
    "/Ref": "references to pages of other files removed",
    "/PS": "PostScript for printers removed",
    "/Subtype2": "PostScript for printers removed",
    "/Metadata": "metadata of parts of the document removed",
    "/PieceInfo": "private data of programs removed",
}


def without(node: Object, keys: dict[str, str]) -> Iterator[str]:
    """The dictionary loses these keys; what each of them meant."""
    for key in [key for key in keys if key in node]:
        del node[key]
        yield keys[key]


def mend_page(page: Object) -> Iterator[str]:
    """A page."""
    yield from without(page, _PAGE)


def mend_state(state: Object) -> Iterator[str]:
    """A graphics state: halftones and rendering intents are the printer's business; so is a transfer that transfers nothing."""
    if "/TR" in state and ("/TR2" in state or name(state.get("/TR")) == "Identity"):
        del state["/TR"]
        yield "transfer functions that do nothing removed"
    if name(state.get("/TR2")) == "Identity":
        del state["/TR2"]
        yield "transfer functions that do nothing removed"
    yield from without(state, {"/HTP": "halftones removed", "/HT": "halftones removed"})
    yield from _intent(state, "/RI")


def _intent(node: Object, key: str) -> Iterator[str]:
    if key in node and name(node.get(key)) not in _INTENTS:
        del node[key]
        yield "unknown rendering intents removed"


def mend_image(image: Object) -> Iterator[str]:
    """An image."""
    if image.get("/Interpolate") is True:
        del image["/Interpolate"]
        yield "images are not interpolated any more"
    yield from without(image, _IMAGE)
    yield from _intent(image, "/Intent")


def mend_form(form: Object) -> Iterator[str]:
    """A form, or a pattern."""
    yield from without(form, _FORM)
