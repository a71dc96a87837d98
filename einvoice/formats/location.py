"""Where an element stands: XPath with the usual prefixes, whatever prefixes the document uses."""

from __future__ import annotations

from lxml import etree

from einvoice.formats.syntax import NAMESPACES

PREFIXES = {uri: "" if prefix in ("inv", "cn") else f"{prefix}:" for prefix, uri in NAMESPACES.items()}


def short(tag: str) -> str:
    """`{namespace}ID` as `cbc:ID`; an unknown namespace stays in braces."""
    uri, brace, local = tag[1:].partition("}") if tag[:1] == "{" else ("", "", tag)
    if not brace:
        return tag
    prefix = PREFIXES.get(uri)
    return tag if prefix is None else prefix + local


def xpath(element: etree._Element) -> str:
    """The element's path from the root of its document, with a position where it has siblings of its name."""
    steps = [_step(element), *(_step(ancestor) for ancestor in element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def _step(element: etree._Element) -> str:
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    if not before and next(element.itersiblings(element.tag), None) is None:
        return short(element.tag)
    return f"{short(element.tag)}[{before + 1}]"
