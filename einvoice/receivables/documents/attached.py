"""Copies of invoices that go with a mail: the XML as it was issued, and a PDF that carries it.

A step asks for them by `invoice_spec` in its contents; an invoice whose XML is not kept has no copy.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from einvoice.documents import read
from einvoice.errors import EInvoiceError
from einvoice.model import Invoice
from einvoice.pdf.embed import embed
from einvoice.receivables import papers
from einvoice.receivables.actions import Action
from einvoice.receivables.channels.mime import Part
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.store.tables import PAPERS
from einvoice.rendering.house import House
from einvoice.rendering.render import render

WANTED = "invoice_spec"
_MOST, _LARGEST = 20, 7_000_000
"""Files and bytes of one mail: servers refuse what is much larger (RFC 5321, 4.5.3.1.7, leaves the limit to them)."""
_LEVELS = (None, "facturx-en16931", "facturx-extended")
"""The levels that are tried: the invoice's own, then those that leave nothing of an invoice of the norm out."""
_log = logging.getLogger(__name__)


class Copies:
    """What is kept of the invoices of some actions, read at once."""

    def __init__(self, connection: Connection, creditor: int, actions: Iterable[Action], invoices: Mapping[int, Row[Any]]) -> None:
        wanted = {claimed.invoice for action in actions if WANTED in action.contents for claimed in action.invoices}
        self._documents = {ref: row.document for ref, row in invoices.items() if ref in wanted and row.document}
        self._xml = papers.invoices(connection, creditor, self._documents.values()) if self._documents else {}
        self._pdf = _hybrids(connection, creditor, self._xml) if self._xml else {}

    def of(self, action: Action, house: House) -> tuple[Part, ...]:
        """The files that go with a mail of an action, the invoices in its order, as many as a mail takes."""
        if WANTED not in action.contents:
            return ()
        made: list[Part] = []
        for claimed in action.invoices:
            found = self._xml.get(self._documents.get(claimed.invoice, ""))
            files = _files(claimed.number, found.data, self._pdf.get(found.hash), action.language, house) if found else []
            if len(made) + len(files) > _MOST or sum(len(part.data) for part in (*made, *files)) > _LARGEST:
                break
            made += files
        return tuple(made)


def _hybrids(connection: Connection, creditor: int, documents: Iterable[str]) -> dict[str, bytes]:
    """The PDFs that invoices came in, by the SHA-256 of their XML."""
    names = {f"{document}.pdf": document for document in documents}
    kept = select(PAPERS.c.name, PAPERS.c.data).where(PAPERS.c.creditor_id == creditor, PAPERS.c.kind == papers.HYBRID)
    return {names[row.name]: row.data for row in connection.execute(kept.where(PAPERS.c.name.in_(list(names)))).all()}


def _files(number: str, xml: bytes, pdf: bytes | None, language: str, house: House) -> list[Part]:
    made = pdf or hybrid(xml, language, house)
    copies = [Part(f"{number}.xml", "application/xml", xml)]
    return [*([Part(f"{number}.pdf", "application/pdf", made)] if made else []), *copies]


def hybrid(xml: bytes, language: str, house: House) -> bytes | None:
    """An invoice as a PDF that carries it: byte for byte where that can be, else under the first level of Factur-X that takes all of it.

    A plain PDF where none does; None where the invoice cannot be drawn.
    """
    try:
        invoice = read(xml)
        shown = render(invoice, "pdf", language=spoken(language), templates=house.folder)
    except EInvoiceError as fault:
        _log.warning("an invoice could not be drawn, its XML goes alone: %s", fault)
        return None
    tries: list[tuple[Invoice | bytes, str | None]] = [(xml, None), *((invoice, level) for level in _LEVELS)]
    for given, level in tries:
        try:
            return embed(shown, given, profile=level)
        except EInvoiceError as fault:
            _log.debug("an invoice is not embedded as %s: %s", level, fault)
    return shown
