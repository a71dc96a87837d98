"""Entries of a long XML file, one by one: safe as every document that comes in, and never more than one entry in memory.

The guard's rules hold: no DTD, no entities, no network, the encodings that it knows; the tree is built and dropped entry by entry, so
that a file of a hundred thousand lines needs no more memory than its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO

from lxml import etree

from einvoice.errors import DocumentError
from einvoice.formats import guard, prolog
from einvoice.receivables.matching.reading.statement import CUT, StatementRefused

_CROWD = 20_000
_BYTES_A_TAG = 7
"""Files of banks have 12 bytes and more for each tag; denser ones are made to take memory."""
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_LOCAL: dict[str, str] = {}


def entries(data: bytes, roots: Sequence[str], tags: Sequence[str]) -> Iterator[tuple[bool, str, etree._Element]]:
    """Whether an element of these names begins (True) or ends, its local name, and it; what ended is emptied afterwards.

    Raises StatementRefused where the root has another name, and for what is no XML, not whole, or not safe.
    """
    try:
        if other := guard.refused(data):
            raise other
        text = prolog.read(data)
    except DocumentError as fault:
        raise StatementRefused(str(fault), "get the file from the bank again") from None
    root = _ROOT.search(text.data)
    if root is None or root[1].decode("ascii", "replace") not in roots:
        raise StatementRefused("its root is no Document of ISO 20022", "choose CAMT.053 or CAMT.054 where the bank offers files")
    if len(text.data) > _CROWD and text.data.count(b"<") > len(text.data) // _BYTES_A_TAG:
        raise StatementRefused("it has more tags than a statement has", "get the file from the bank again")
    yield from _walk(text, tags)


def _walk(text: prolog.Prolog, tags: Sequence[str]) -> Iterator[tuple[bool, str, etree._Element]]:
    events = etree.iterparse(
        BytesIO(text.data),
        events=("start", "end"),
        tag=[f"{{*}}{tag}" for tag in tags],
        encoding=None if text.plain else "utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for event, element in events:
            yield event == "start", local(element.tag), element
            if event == "end":
                element.clear(keep_tail=False)
                while (before := element.getprevious()) is not None and local(before.tag) in tags:
                    parent = element.getparent()
                    assert parent is not None, "it has a sibling"
                    parent.remove(before)
    except etree.XMLSyntaxError as fault:
        raise StatementRefused(f"it is no whole XML: {fault.msg}", CUT, record=fault.lineno) from None
    except (etree.LxmlError, MemoryError, ValueError) as fault:
        raise StatementRefused(f"it cannot be read: {fault}", CUT) from None


def local(tag: object) -> str:
    """The name of an element without its namespace: the message is the same in each version."""
    name = _LOCAL.get(tag)  # type: ignore[call-overload]
    if name is None:
        if not isinstance(tag, str):
            return ""
        name = tag.rpartition("}")[2]
        if len(_LOCAL) < 10_000:
            _LOCAL[tag] = name
    return str(name)


Flat = dict[str, list[str]]
"""The texts of an element by their path, such as `Refs/EndToEndId`; attributes as `Amt@Ccy`."""


def flat(element: etree._Element, apart: str = "") -> tuple[Flat, list[etree._Element]]:
    """An element's texts by path, without those of the elements called `apart`, which are given beside."""
    found: Flat = {}
    others: list[etree._Element] = []
    stack = [(element, "")]
    while stack:
        each, path = stack.pop()
        for child in reversed(each):
            name = local(child.tag)
            if name == apart:
                others.insert(0, child)
                continue
            stack.append((child, f"{path}/{name}" if path else name))
        if path and (text := each.text) and (text := text.strip()):
            found.setdefault(path, []).append(text)
        for name, value in each.attrib.items():
            found.setdefault(f"{path}@{name}", []).append(value)
    return found, others
