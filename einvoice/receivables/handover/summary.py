"""The first page of a dossier: who claims what of whom, for which invoices, what is in the file and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from einvoice.money import ZERO
from einvoice.receivables.documents import letter
from einvoice.receivables.documents.content import Content, Line, Table
from einvoice.receivables.documents.parties import postal
from einvoice.receivables.documents.plain import text
from einvoice.receivables.documents.words import day, money, short_day
from einvoice.receivables.handover.brief import Brief, Claimed, File
from einvoice.receivables.handover.documents import origin
from einvoice.receivables.handover.texts import TEXT
from einvoice.receivables.handover.words import CHAPTERS, say, title
from einvoice.receivables.papers import PDF


def summary(brief: Brief, recipient: Sequence[str], files: Sequence[File]) -> Iterator[File]:
    """The summary as text and PDF; `recipient` are the lines of whom it is for, `files` the others of the dossier.

    Raises MissingGlyph where no font has a character of it, RenderError where layout or house style are wrong.
    """
    made = content(brief, files)
    shown = letter.pdf(made, recipient, brief.day, brief.house, sender=origin(brief), templates=brief.templates)
    yield File("summary.txt", text(made).encode(), TEXT, "summary")
    yield File("summary.pdf", shown, PDF, "summary")


def content(brief: Brief, files: Sequence[File]) -> Content:
    """What the summary says."""
    language, debtor, creditor = brief.language, brief.debtor, brief.creditor
    total = brief.total()
    opening = [say(language, "opening", debtor=debtor.name, total=total, day=day(brief.day, language))]
    opening += [f"{say(language, 'creditor')}: {', '.join(_creditor(brief))}", f"{say(language, 'debtor')}: {', '.join(_debtor(brief))}"]
    reach = ", ".join(str(creditor[name]) for name in ("email", "phone") if creditor.get(name)) or str(creditor["name"])
    subject = say(language, "subject", debtor=debtor.name, total=total)
    return Content(
        document="dossier",
        language=language,
        subject=subject,
        greeting=say(language, "greeting"),
        opening=tuple(opening),
        table=_table(brief),
        remarks=(*_contents(brief, files), *_missing(brief)),
        transfer=None,
        links=(),
        contact=say(language, "contact", contact=reach),
        closing=say(language, "closing"),
        signature=(str(creditor["name"]), *postal(creditor["address"])),
        short=subject,
        spoken=subject,
        script=subject,
        code="",
        check="",
        template="",
    )


def _table(brief: Brief) -> Table:
    language = brief.language
    lines: list[Line] = []
    for currency, total in brief.totals().items():
        for claimed in (one for one in brief.claims() if one.invoice.currency == currency):
            lines += _rows(brief, claimed)
        lines.append(Line("total", (say(language, "total"), "", money(total, currency, language))))
    return Table((say(language, "invoice"), say(language, "due"), say(language, "amount")), tuple(lines))


def _rows(brief: Brief, claimed: Claimed) -> Iterator[Line]:
    language, row = brief.language, claimed.invoice
    yield Line("invoice", (row.number, short_day(row.due, language), money(claimed.principal, row.currency, language)))
    if claimed.booked:
        yield Line("earlier", (say(language, "booked"), "", money(claimed.booked, row.currency, language)))
    for kind, amount in _new(brief, row.id).items():
        yield Line(
            kind if kind in ("interest", "costs", "fee") else "costs", (say(language, kind), "", money(amount, row.currency, language))
        )


def _new(brief: Brief, invoice: int) -> dict[str, Decimal]:
    """What the hand-over newly claims of an invoice, by kind."""
    sums: dict[str, Decimal] = {}
    for charge in brief.action.charges if brief.action is not None else ():
        if charge.invoice == invoice:
            sums[charge.kind] = sums.get(charge.kind, ZERO) + charge.amount + charge.vat
    return sums


def _creditor(brief: Brief) -> Iterator[str]:
    creditor, language = brief.creditor, brief.language
    yield str(creditor["name"])
    yield from postal(creditor["address"])
    for name in ("legal_id", "vat_id"):
        if creditor.get(name):
            yield f"{say(language, name)} {creditor[name]}"
    if creditor.get("iban"):
        yield f"{say(language, 'account')} {creditor['iban']}"


def _debtor(brief: Brief) -> Iterator[str]:
    debtor, language = brief.debtor, brief.language
    yield str(debtor.name)
    yield from next((lines for contact in brief.contacts if (lines := postal(contact.address))), [])
    for name in ("legal_id", "vat_id"):
        if value := getattr(debtor, name):
            yield f"{say(language, name)} {value}"
    yield f"{say(language, 'customer')} {debtor.key}"
    ways = dict.fromkeys(way for contact in brief.contacts for way in (contact.email, contact.phone) if way)
    if ways:
        yield f"{say(language, 'reached')} {', '.join(ways)}"


def _contents(brief: Brief, files: Sequence[File]) -> Iterator[str]:
    there = [chapter for chapter in CHAPTERS if any(file.chapter == chapter for file in files)]
    counted = [f"{title(brief.language, one)} ({sum(file.chapter == one for file in files)})" for one in there]
    yield f"{say(brief.language, 'contents')} {'; '.join(counted)}."


def _missing(brief: Brief) -> Iterator[str]:
    if brief.missing:
        yield f"{say(brief.language, 'missing')} {'; '.join(brief.missing)}."
