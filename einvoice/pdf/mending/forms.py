"""Forms: no actions, no XFA, and what stands in a field stands on the page (ISO 19005-3, 6.4)."""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.pdf.conditions.seen.values import Object, at, dictionaries, dictionary, name
from einvoice.pdf.mending.painting import without

MOST = 100_000
_ACTIONS = {"/A": "actions of form fields removed", "/AA": "actions of form fields removed"}


def mend(root: Object) -> Iterator[str]:
    """The form of the document."""
    form = dictionary(root.get("/AcroForm"))
    if form is None:
        return
    if root.get("/NeedsRendering") is not True:  # else the pages are not what is seen
        yield from without(form, {"/XFA": "the description of the form in XML (XFA) removed"})
        if "/NeedsRendering" in root:
            del root["/NeedsRendering"]
    if "/NeedAppearances" in form:
        del form["/NeedAppearances"]
        yield "form fields are shown as they are drawn"
    for field in fields(root):
        yield from without(field, _ACTIONS)


def is_signed(root: Object) -> bool:
    """Whether the document has a signature; rights of use in a viewer (UR3) are signed too, but say nothing of the document."""
    certified = at(root, "/Perms", "/DocMDP") is not None
    return certified or any(name(field.get("/FT")) == "Sig" and dictionary(field.get("/V")) is not None for field in fields(root))


def fields(root: Object) -> Iterator[Object]:
    """The fields of the form and the widgets that show them."""
    met: set[tuple[int, int]] = set()
    waiting = [*dictionaries(at(root, "/AcroForm", "/Fields"))]
    while waiting and len(met) < MOST:
        node = waiting.pop()
        if not node.is_indirect or node.objgen not in met:
            met.add(node.objgen if node.is_indirect else (len(met), -1))
            yield node
            waiting += dictionaries(node.get("/Kids"))
