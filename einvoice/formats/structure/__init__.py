"""The structure check: is every element and value where the official schema wants it, and if not, what mends it.

`check` agrees with the official XSD (UBL 2.1, CII D16B) on every document; where libxml2 departs from the standard, the
standard holds and a warning says so. `children` tells a writer the order of elements. Both live on the structure tables of
`einvoice_schemas.structure`; no XSD is read.
"""

from __future__ import annotations

from functools import cache

from lxml import etree

from einvoice.errors import Location, UnknownFormat
from einvoice.formats.structure.fast import Fast, Place, written
from einvoice.formats.structure.order import children
from einvoice.formats.structure.table import Table, Type
from einvoice.formats.syntax import ROOTS, Document
from einvoice.report import Finding, Layer

__all__ = ["begin", "check", "children", "layer", "written"]


def check(root: etree._Element, text: str | None = None) -> tuple[Finding, ...]:
    """What is wrong with the structure of an invoice, in the order of lines; nothing where it is valid.

    `root` is the invoice's own element, of a tree whose depth was bounded when it was parsed; it may stand within another
    document. The ids are structure- and missing, order, unexpected, repeated, choice, namespace, value, text, attribute,
    nil, xsi-type or entity, all fatal, and structure-padding, a warning. Time is linear in the size of the document.
    `text` is what `written(root)` gives, where the caller needs it too.
    Raises UnknownFormat where the root is not an invoice or credit note. Source: the structure tables.
    """
    fast, made = _table(root)
    if fast.valid(root, made, text):
        return ()
    from einvoice.formats.structure.walk import Walk  # noqa: PLC0415 - only a faulty document pays for it

    return Walk(fast, root).run(made)


def layer(root: etree._Element, text: str | None = None) -> Layer:
    """`check` as the layer "structure" of a report; its version is the schema's, such as "UBL 2.1" or "CII D16B"."""
    return Layer.judged("structure", _table(root)[0].table.version, check(root, text))


def begin(root: etree._Element, text: str) -> tuple[Place, str]:
    """Where a quick pass over the text of an invoice begins, for those who pass over it for more than its structure; the version.

    Raises Doubt where `layer` has to decide, UnknownFormat where the root is not an invoice or credit note.
    """
    fast, made = _table(root)
    return fast.begin(root, made, text), fast.table.version


def _table(root: etree._Element) -> tuple[Fast, Type]:
    """The fast pass for a root's document type, and the root's type."""
    document = ROOTS.get(root.tag)
    if document is None:
        raise UnknownFormat(f"{root.tag} is no invoice this library knows", location=Location(line=root.sourceline))
    return _prepared(document)


@cache
def _prepared(document: Document) -> tuple[Fast, Type]:
    table = Table.of(document)
    return Fast(table, document), table.type(table.type_of(table.roots[document]))
