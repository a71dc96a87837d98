"""A dossier: one zip with everything that proves a claim, the same for the same books, day and recipient, byte for byte.

| Path | What |
|---|---|
| summary.pdf, summary.txt | who claims what of whom, what is in the file and what is not |
| invoices/NUMBER.xml, .pdf | each invoice as it was issued, and the PDF that carries it |
| statement/statement-CUR.xml, .pdf, .txt | the account from the first booking on, as UBL Statement and for people |
| correspondence/… | every message as it was sent, and index.json with its address, days, provider's id |
| received/… | what the debtor answered |
| proofs/deliveries.json, .txt | how each message fared, calls that were made |
| cases/history.json, .txt | disputes, promises, payment plans, every change |
| computation/computation.json, .txt | interest and costs line by line with the law |
| terms/terms.json, .txt | contract terms, statutory notices and why they count as received |
| manifest.json | every file with its SHA-256, the sums, what is missing |
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from einvoice.receivables.actions import Action
from einvoice.receivables.documents.templates import Templates
from einvoice.receivables.handover.brief import Brief, File, brief
from einvoice.receivables.handover.cases import cases
from einvoice.receivables.handover.computation import computation, terms
from einvoice.receivables.handover.correspondence import correspondence, proofs, received, sent
from einvoice.receivables.handover.documents import invoices as issued
from einvoice.receivables.handover.documents import statements
from einvoice.receivables.handover.summary import summary
from einvoice.receivables.handover.texts import as_json, named
from einvoice.receivables.handover.words import title
from einvoice.receivables.law import Laws
from einvoice.receivables.law import load as load_laws
from einvoice.receivables.papers import sha256
from einvoice.rendering.house import House

FORMAT = "einvoice-dossier/1"
MANIFEST = "manifest.json"
_ALL_ZIPS_ARE_OF = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name: no clock in the bytes


class Dossier(NamedTuple):
    """A dossier: its file name, its bytes, the sums claimed as text, in words of its language what is missing."""

    name: str
    data: bytes
    total: str
    missing: tuple[str, ...]
    language: str

    @property
    def hash(self) -> str:
        """SHA-256 of the bytes."""
        return sha256(self.data)


def make(
    connection: Connection,
    creditor: int,
    debtor: int,
    invoices: Collection[int],
    now: datetime,
    language: str | None = None,
    *,
    laws: Laws | None = None,
    action: Action | None = None,
    recipient: Sequence[str] = (),
    house: House | None = None,
    templates: Templates | None = None,
) -> Dossier:
    """The dossier of a debtor's invoices (ids; none: all that is open) as of a moment, in a language (the creditor's unless told).

    `action` is the hand-over that claims it: its amounts are claimed then, else what is open. `recipient` are the lines of whom it is for.
    Raises ReceivablesError where there is no such debtor or invoice, MissingGlyph and RenderError where a page cannot be set.
    """
    made = brief(
        connection, creditor, debtor, invoices, now, language, laws or load_laws(), action=action, house=house, templates=templates
    )
    files = _files(made)
    files = [*summary(made, recipient or ("",), files), *files]
    manifest = File(MANIFEST, as_json(_manifest(made, files)), "application/json", "manifest")
    name = f"dossier-{named(made.debtor.key)}-{made.day}.zip"
    return Dossier(name, zipped([*files, manifest]), made.total(), tuple(made.missing), made.language)


def _files(made: Brief) -> list[File]:
    """All but the summary and the manifest, in the order of the chapters."""
    messages = sent(made)
    return [
        *issued(made),
        *statements(made),
        *correspondence(made, messages),
        *received(made),
        *proofs(made, messages),
        *cases(made),
        *computation(made),
        *terms(made),
    ]


def _manifest(made: Brief, files: Sequence[File]) -> dict[str, Any]:
    action = made.action
    return {
        "format": FORMAT,
        "language": made.language,
        "made": made.now,
        "day": made.day,
        "creditor": {name: made.creditor.get(name) for name in ("key", "name", "country", "legal_id", "vat_id", "iban")},
        "debtor": {name: getattr(made.debtor, name) for name in ("key", "name", "kind", "country", "legal_id", "vat_id")},
        "action": None if action is None else {"id": action.id, "step": f"{action.flow}.{action.step}", "handover": action.handover},
        "policy": None if action is None else action.policy,
        "rates": made.laws.rates,
        "invoices": [
            {
                "number": one.invoice.number,
                "currency": one.invoice.currency,
                "open": one.invoice.open,
                "charges": one.invoice.charges,
                "contacts": one.invoice.contacts,
                "document": one.invoice.document,
                "claimed": one.total,
            }
            for one in made.claims()
        ],
        "claimed": made.totals(),
        "missing": made.missing,
        "files": [
            {
                "path": file.path,
                "sha256": sha256(file.data),
                "size": len(file.data),
                "type": file.type,
                "title": title(made.language, file.chapter),
            }
            for file in files
        ],
    }


def zipped(files: Sequence[File]) -> bytes:
    """Files as a zip: in their order, without a clock, so that the same files are the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.path, _ALL_ZIPS_ARE_OF)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.data)
    return made.getvalue()
