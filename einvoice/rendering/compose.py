"""An invoice composed into the sheet that every view is made of.

What is shown, in which order and under which name is decided here and in the modules beside this one; how numbers, dates and accounts
are written is the matter of `Values`. Every value of the invoice is on the sheet, an attachment by its name, type and size. The amount
due stands twice, at the head and among the totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from einvoice.model import Invoice, Note, PrecedingInvoice, SupportingDocument
from einvoice.rendering import compose_amounts as amounts
from einvoice.rendering import compose_lines as bodies
from einvoice.rendering import compose_parties as people
from einvoice.rendering.compose_pen import Pen, table
from einvoice.rendering.labels import labels
from einvoice.rendering.payment import payment
from einvoice.rendering.sheet import Column, Fact, Row, Sheet, Table
from einvoice.rendering.values import National, Values, clean

LONG = 200
"""Characters of an unread value that are shown."""
DOCUMENT = {"description": "BT-123", "reference": "BT-122", "file": "BT-125"}
HEADINGS = {"totals": "BG-22", "notes": "BG-1", "terms": "BT-20"}
"""Words that are terms of the norm."""


def sheet(invoice: Invoice, language: str = "en", values: Values | None = None) -> Sheet:
    """The sheet in en, nl, de or fr, with values written by the custom of the language unless `values` says otherwise."""
    pen = Pen(labels(language), values or National(language))
    kind, number = _kind(invoice, pen), clean(invoice.number or "")
    sums = amounts.totals(invoice, pen)
    return Sheet(
        language=language,
        kind=kind,
        number=number,
        title=f"{kind} {number}".strip(),
        issue_date=pen.values.date(invoice.issue_date) if invoice.issue_date else "",
        headline=next((fact for fact in sums if fact.term == "BT-115"), None),
        sender=people.sender(invoice, language),
        recipient=people.recipient(invoice, language),
        facts=(*pen.facts(invoice, "number", "payment_terms"), *pen.facts(invoice.process)),
        parties=people.parties(invoice, pen),
        lines=bodies.lines(invoice.lines, pen),
        totals=sums,
        words=pen.labels.words | {word: pen.labels.term(term) for word, term in HEADINGS.items()},
        preceding=_preceding(invoice.preceding_invoices, pen),
        delivery=people.delivery(invoice.delivery, pen),
        allowances=amounts.changes(invoice.allowances, "BG-20", pen),
        charges=amounts.changes(invoice.charges, "BG-21", pen),
        vat=amounts.vat(invoice.vat_breakdown, pen),
        third_party_payments=amounts.third_parties(invoice.third_party_payments, invoice.currency_code, pen),
        payment=payment(invoice, pen),
        notes=tuple(_note(note, pen) for note in invoice.notes),
        documents=_documents(invoice.supporting_documents, pen),
        unread=_unread(invoice),
        day=invoice.issue_date.isoformat() if invoice.issue_date else "",
    )


def _kind(invoice: Invoice, pen: Pen) -> str:
    """What the document is called: by its type, where that is more than an invoice or a credit note."""
    special = invoice.type_code not in {None, "380", "381"} and pen.labels.ours("BT-3", invoice.type_code or "")
    return special or pen.labels.word("credit note" if invoice.is_credit_note else "invoice")


def _preceding(given: Sequence[PrecedingInvoice], pen: Pen) -> Table | None:
    columns = (Column(pen.labels.word("number"), term="BT-25"), Column(pen.labels.word("date"), term="BT-26"))
    rows = [Row((clean(row.reference or ""), pen.values.date(row.issue_date) if row.issue_date else "")) for row in given]
    return table(pen.labels.term("BG-3"), "BG-3", columns, rows)


def _note(note: Note, pen: Pen) -> Fact:
    """A note below the name of its subject, "" where it has none."""
    return Fact(pen.code("BT-21", note.subject_code), clean(note.text or ""), "BG-1")


def _documents(given: Sequence[SupportingDocument], pen: Pen) -> Table | None:
    columns = [Column(pen.labels.word(name), term=term) for name, term in DOCUMENT.items()]
    return table(pen.labels.term("BG-24"), "BG-24", columns, [_document(row, pen) for row in given])


def _document(document: SupportingDocument, pen: Pen) -> Row:
    facts = pen.facts(document, "reference", "description")
    return Row((clean(document.description or ""), clean(document.reference or ""), _file(document, pen)), facts=tuple(facts))


def _file(document: SupportingDocument, pen: Pen) -> str:
    """An attachment by its name, type and size."""
    attached = document.attachment
    if attached is None:
        return ""
    size = f"{pen.values.number(Decimal(len(attached.data)))} {pen.labels.word('bytes')}"
    about = ", ".join(part for part in (attached.mime_code, size) if part)
    return clean(f"{attached.filename or ''} ({about})".strip())


def _unread(invoice: Invoice) -> tuple[Fact, ...]:
    """What the document holds and the model does not, with the reason."""
    return tuple(Fact(clean(item.path), clean(f"{_cut(item.value)} ({item.reason})")) for item in invoice.unread)


def _cut(text: str) -> str:
    return text if len(text) <= LONG else f"{text[:LONG]}…"
