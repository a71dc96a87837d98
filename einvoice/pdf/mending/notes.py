"""Annotations: drawn by an appearance, printed as they are seen, without forbidden actions (ISO 19005-3, 6.3 to 6.5).

What is hidden stays out of sight: it is removed, or, where it belongs to a form, drawn as nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from einvoice.pdf.conditions.seen.values import Object, array, at, dictionary, integer, name
from einvoice.pdf.mending.actions import is_allowed
from einvoice.pdf.mending.painting import without

INVISIBLE, HIDDEN, PRINT, NO_VIEW, TOGGLE_NO_VIEW = 1, 2, 4, 32, 256
_UNDRAWN = frozenset({"Popup", "Link"})
_COLOURS = ("/BG", "/BC")


def mend(pdf: pikepdf.Pdf, page: Object) -> Iterator[str]:
    """The annotations of a page."""
    listed = [*array(page.get("/Annots"))]
    if not listed:
        return
    kept = []
    for note in listed:
        if dictionary(note) is None:
            continue
        if _is_hidden(note) and name(note.get("/Subtype")) != "Widget":
            yield "hidden annotations removed"
            continue
        kept.append(note)
        yield from _mended(pdf, note)
    if len(kept) < len(listed):
        page["/Annots"] = pikepdf.Array(kept)


def _flags(note: Object) -> int:
    return integer(note.get("/F")) or 0


def _is_hidden(note: Object) -> bool:
    """Whether it is seen neither on the screen nor on paper."""
    flags = _flags(note)
    return bool(flags & HIDDEN) or (bool(flags & NO_VIEW) and not flags & PRINT)


def _mended(pdf: pikepdf.Pdf, note: Object) -> Iterator[str]:
    widget = name(note.get("/Subtype")) == "Widget"
    if widget:
        yield from without(note, {"/A": "actions of form fields removed"})
        if _is_hidden(note):
            note["/AP"] = pikepdf.Dictionary(N=_nothing(pdf))
            note["/F"] = _flags(note) & ~(HIDDEN | NO_VIEW) | PRINT
            yield "hidden form fields drawn as nothing"
        elif at(note, "/AP", "/N") is None and _is_empty(note):
            note["/AP"] = pikepdf.Dictionary(N=_nothing(pdf))
            yield "empty form fields drawn as nothing"
    yield from without(note, {"/AA": "actions of annotations removed"})
    if not is_allowed(note.get("/A")):
        del note["/A"]
        yield "forbidden actions of annotations removed"
    yield from _appearance(note)
    yield from _printed(note)


def _printed(note: Object) -> Iterator[str]:
    flags = _flags(note)
    wanted = flags if name(note.get("/Subtype")) == "Popup" else (flags | PRINT) & ~TOGGLE_NO_VIEW & ~INVISIBLE
    if flags & NO_VIEW:
        return  # on paper only: it cannot be seen and stay so
    if wanted != flags or "/F" not in note:
        note["/F"] = wanted
        yield "annotations are printed as they are seen"


def _appearance(note: Object) -> Iterator[str]:
    drawn = dictionary(note.get("/AP"))
    if drawn is not None and at(drawn, "/N") is not None and (others := {"/D", "/R"} & drawn.keys()):
        for key in others:
            del drawn[key]
        yield "appearances under the mouse removed"


def _is_empty(note: Object) -> bool:
    """A field for text or a choice that shows nothing: no value, no background, no border, no caption."""
    if _inherited(note, "/FT") not in {"Tx", "Ch", "Sig"} or _inherited(note, "/V") is not None:
        return False
    return at(note, "/MK", "/CA") is None and all(not array(at(note, "/MK", key)) for key in _COLOURS)


def _inherited(note: Object, key: str) -> Object:
    node, steps = dictionary(note), 0
    while node is not None and steps < 50:
        if key in node:
            return name(node.get(key)) or node.get(key)
        node, steps = dictionary(node.get("/Parent")), steps + 1
    return None


def _nothing(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A form that paints nothing."""
    return pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 0, 0], Resources=pikepdf.Dictionary())
