"""Invoices as they were issued, and the statement of account, each for programs and for people."""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.errors import EInvoiceError
from einvoice.receivables import exports, papers, statement
from einvoice.receivables.documents import letter
from einvoice.receivables.documents.attached import hybrid
from einvoice.receivables.documents.facts import party
from einvoice.receivables.documents.parties import postal
from einvoice.receivables.documents.plain import text
from einvoice.receivables.handover.brief import Brief, File
from einvoice.receivables.handover.texts import TEXT, named
from einvoice.receivables.handover.words import say
from einvoice.receivables.stating import stated


def invoices(brief: Brief) -> Iterator[File]:
    """The XML of each invoice byte for byte, and the PDF that carries it: as it came, else drawn from the XML."""
    owner = brief.creditor["id"]
    kept = papers.invoices(brief.connection, owner, (row.document for row in brief.invoices))
    taken: set[str] = set()
    for row in brief.invoices:
        name = named(row.number, taken)
        taken.add(name)
        xml = kept.get(row.document or "")
        if xml is None:
            brief.missing.append(say(brief.language, "missing_xml", number=row.number))
            continue
        yield File(f"invoices/{name}.xml", xml.data, papers.XML, "invoices")
        came = papers.hybrid(brief.connection, owner, xml.hash)
        pdf = came.data if came is not None else hybrid(xml.data, brief.language, brief.house)
        if pdf is None:
            brief.missing.append(say(brief.language, "missing_pdf", number=row.number))
        else:
            yield File(f"invoices/{name}.pdf", pdf, papers.PDF, "invoices")


def statements(brief: Brief) -> Iterator[File]:
    """The statement of account from the first booking through today: UBL, text and PDF, one for each currency."""
    made = statement.read(brief.connection, brief.creditor["id"], brief.debtor.id, None, brief.day)
    contact = next(iter(brief.contacts), None)
    who, *_ = party(brief.connection, brief.creditor["id"], brief.debtor.id)
    who = who._replace(language=brief.language, templates=brief.templates)
    for account in made.accounts:
        name = f"statement/statement-{account.currency}"
        yield File(f"{name}.xml", exports.statement(made, account, brief.creditor, brief.debtor, contact), papers.XML, "statement")
        try:
            content = stated(who, made, account, "letter")
            shown = letter.pdf(content, address(brief), brief.day, brief.house, sender=origin(brief), templates=brief.templates)
        except EInvoiceError as fault:
            brief.missing.append(say(brief.language, "missing_statement", currency=account.currency, reason=str(fault)))
            continue
        yield File(f"{name}.txt", text(content).encode(), TEXT, "statement")
        yield File(f"{name}.pdf", shown, papers.PDF, "statement")


def address(brief: Brief) -> tuple[str, ...]:
    """The debtor's name and postal address."""
    lines = next((found for contact in brief.contacts if (found := postal(contact.address))), [])
    return (brief.debtor.name, *lines)


def origin(brief: Brief) -> tuple[str, ...]:
    """The creditor's name and postal address, for the line above the address."""
    return (str(brief.creditor["name"]), *postal(brief.creditor["address"]))
