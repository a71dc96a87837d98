"""Layers: each way to show them has a name and lists them all (ISO 19005-3, 6.9)."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from einvoice.pdf.conditions.seen.values import Object, array, dictionaries, dictionary, identity, name, string


def mend(root: Object) -> Iterator[str]:
    """The layers of the document."""
    stated = dictionary(root.get("/OCProperties"))
    if stated is None:
        return
    taken: set[bytes] = set()
    for number, each in enumerate([stated.get("/D"), *array(stated.get("/Configs"))], 1):
        if (way := dictionary(each)) is not None:
            yield from _named(way, number, taken)
            yield from _listed(way, stated)
            yield from _unautomatic(way)


def _named(way: Object, number: int, taken: set[bytes]) -> Iterator[str]:
    stated = string(way.get("/Name"))
    if not stated or stated in taken:
        stated = f"Layers {number}".encode()
        way["/Name"] = pikepdf.String(stated.decode())
        yield "ways to show the layers named"
    taken.add(stated)


def _listed(way: Object, stated: Object) -> Iterator[str]:
    """An order that lists some layers lists them all."""
    if "/Order" not in way:
        return
    there: set[object] = set()
    waiting = [way.get("/Order")]
    while waiting and len(there) < 100_000:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += [*node]
        elif dictionary(node) is not None:
            there.add(identity(node))
    lacking = [each for each in dictionaries(stated.get("/OCGs")) if identity(each) not in there]
    if lacking and isinstance(way.get("/Order"), pikepdf.Array):
        way["/Order"] = pikepdf.Array([*way["/Order"], *lacking])
        yield "layers listed that were not"


def _unautomatic(way: Object) -> Iterator[str]:
    """Layers are not switched by what is done with the document, unless that is to view it."""
    stated = way.get("/AS")
    if stated is not None and not any(name(each.get("/Event")) == "View" for each in dictionaries(stated)):
        del way["/AS"]
        yield "layers are not switched for printing any more"
