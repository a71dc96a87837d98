"""Reading: a document becomes an invoice, and what the invoice cannot hold is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree
from pydantic import ValidationError

from einvoice.errors import Unreadable
from einvoice.formats.facts import Walk
from einvoice.formats.guard import parse
from einvoice.formats.syntax import Document
from einvoice.model.invoice import Invoice
from einvoice.model.line import Line
from einvoice.model.unread import Unread


def read(source: bytes | Path | BinaryIO) -> Invoice:
    """The invoice that a document states (UBL Invoice or CreditNote, CII; also inside an SBDH envelope).

    Broken invoices are read as well: a value that no term can hold is listed in `invoice.unread`, with its place and the reason.
    Raises MalformedXML, UnsafeXML and UnknownFormat.
    """
    parsed = parse(source)
    return read_root(parsed.root, parsed.document)


def read_root(root: etree._Element, document: Document) -> Invoice:
    """The invoice in a parsed document."""
    try:
        walk = Walk(root, document, line=Line.model_validate)
        invoice = Invoice.model_validate(walk.facts)
    except ValidationError:
        walk = Walk(root, document, trace=True)
        invoice = _without_faults(walk)
    invoice._unread = tuple(walk.unread)
    return invoice


def _without_faults(walk: Walk) -> Invoice:
    """The invoice less the values that the model refuses; each of them is listed as unread."""
    for _ in range(3):
        try:
            return Invoice.model_validate(walk.facts)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False):
                _remove(walk, fault["loc"], fault["msg"])
            _compact(walk.facts)
    raise Unreadable("the values in this document cannot be told apart from its faults")


def _remove(walk: Walk, location: tuple[int | str, ...], reason: str) -> None:
    """Takes the value at the location out of the facts; where it is gone already, nothing happens."""
    home: Any = walk.facts
    holder: Any = None
    key: Any = None
    for step in location:
        if not _holds(home, step):
            break
        holder, key = home, step
        home = home[step]
    if holder is not None and home is not None:
        _list(walk, holder, key, home, reason)
        if isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = None  # the places of its neighbours are still needed


def _compact(facts: Any) -> None:
    """Takes the gaps out of the lists."""
    if isinstance(facts, list):
        facts[:] = [part for part in facts if part is not None]
    for part in facts.values() if isinstance(facts, dict) else facts:
        if isinstance(part, dict | list):
            _compact(part)


def _holds(home: Any, step: int | str) -> bool:
    if isinstance(home, list):
        return isinstance(step, int) and step < len(home)
    return isinstance(home, dict) and step in home


def _list(walk: Walk, holder: Any, key: int | str, value: Any, reason: str) -> None:
    """One unread entry for each value inside."""
    if isinstance(value, dict):
        for inner, part in value.items():
            _list(walk, value, inner, part, reason)
    elif isinstance(value, list):
        for position, part in enumerate(value):
            _list(walk, value, position, part, reason)
    else:
        element = (walk.trace or {}).get((id(holder), str(key)))
        path = "" if element is None else walk.where.path(element)
        walk.unread.append(Unread(path, str(value), reason, None if element is None else element.sourceline))
