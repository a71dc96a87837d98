"""The catalog: no scripts, no actions on their own, nothing that a viewer must be able to do (ISO 19005-3, 6.5, 6.10, 6.11)."""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.pdf.conditions.seen.values import Object, at, dictionary
from einvoice.pdf.mending.actions import is_allowed
from einvoice.pdf.mending.painting import without

MOST = 100_000
_CATALOG = {
    "/AA": "actions of the document removed",
    "/Requirements": "requirements on viewers removed",
    "/PieceInfo": "private data of programs removed",
}
_NAMES = {
    "/JavaScript": "scripts removed",
    "/AlternatePresentations": "presentations removed",
    "/Renditions": "media removed",
}


def mend(root: Object) -> Iterator[str]:
    """The catalog, and the outline."""
    yield from without(root, _CATALOG)
    if "/Perms" in root and at(root, "/Perms", "/DocMDP") is None:
        del root["/Perms"]
        yield "rights of use in one viewer removed"
    if "/Version" in root:
        del root["/Version"]  # that of the header holds
    if not is_allowed(root.get("/OpenAction")):
        del root["/OpenAction"]
        yield "action on opening removed"
    if (names := dictionary(root.get("/Names"))) is not None:
        yield from without(names, _NAMES)
    for entry in _outline(root):
        if not is_allowed(entry.get("/A")):
            del entry["/A"]
            yield "forbidden actions of the outline removed"


def _outline(root: Object) -> Iterator[Object]:
    met: set[tuple[int, int]] = set()
    waiting = [at(root, "/Outlines", "/First")]
    while waiting and len(met) < MOST:
        node = dictionary(waiting.pop())
        if node is not None and node.objgen not in met:
            met.add(node.objgen)
            yield node
            waiting += [node.get("/Next"), node.get("/First")]
