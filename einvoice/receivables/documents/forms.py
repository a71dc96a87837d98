"""The forms of a message: plain text, HTML for mail, a letter. Every form says the same; a form is made from `Content` and the house."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from einvoice.errors import EInvoiceError
from einvoice.receivables.documents import letter, mail
from einvoice.receivables.documents.content import Content, Line, Link, Table, Transfer
from einvoice.receivables.documents.forms_view import LABELS, LAYOUTS, view
from einvoice.receivables.documents.mail import html
from einvoice.receivables.documents.plain import text
from einvoice.receivables.documents.templates import load
from einvoice.receivables.documents.words import LANGUAGES
from einvoice.receivables.policy.finding import Finding, Place, nearest
from einvoice.rendering.epc import epc
from einvoice.rendering.house import House

__all__ = ["check", "html", "sample", "text"]

_DAY = date(2026, 11, 2)
_ADDRESS = ("Sample Ltd", "1 Sample Street", "1000 Brussels")


def check(folder: Path, house: House | None = None) -> Iterator[Finding]:
    """What is amiss with the layouts of a folder: files that nobody reads, and layouts in which a sample cannot be set.

    Raises ReceivablesError where the folder cannot be read.
    """
    own = folder / "layouts"
    names = sorted(path.name for path in own.iterdir() if path.is_file() and not path.name.startswith(".")) if own.is_dir() else []
    for name in names:
        if name not in LAYOUTS:
            yield Finding("unknown-layout", f"no message is made from {name}", nearest(name, LAYOUTS), Place(str(own / name)))
    if names:
        yield from _tried(folder, house or House())


def _tried(folder: Path, house: House) -> Iterator[Finding]:
    """Samples in every language, as HTML and as letters of one page and of several."""
    templates = load(folder)
    for language in LANGUAGES:
        one, long = sample(language), sample(language, rows=60)
        tries: tuple[tuple[str, Callable[[], object]], ...] = (
            (LABELS, lambda made=one: view(made, templates)),  # type: ignore[misc]
            ("mail.html", lambda made=one: mail.page(made, house, templates)),  # type: ignore[misc]
            ("letter.typ", lambda made=one: letter.pdf(made, _ADDRESS, _DAY, house, registered=True, templates=templates)),  # type: ignore[misc]
            ("letter.typ", lambda made=long: letter.pdf(made, _ADDRESS, _DAY, house, templates=templates)),  # type: ignore[misc]
        )
        found = [Finding("broken-layout", str(fault), "", Place(str(folder / "layouts" / name))) for name, fault in _faults(tries)]
        if found:
            yield from found
            return


def _faults(tries: tuple[tuple[str, Callable[[], object]], ...]) -> Iterator[tuple[str, EInvoiceError]]:
    failed = set()
    for name, make in tries:
        try:
            make()
        except EInvoiceError as fault:
            if name not in failed:
                yield name, fault
            failed.add(name)


def sample(language: str = "en", rows: int = 2) -> Content:
    """A message with everything in it that a layout may show, for checking layouts and for looking at them."""
    lines = [Line("invoice", (f"2026-{number:04}", "1 Oct 2026", "31 Oct 2026", "€60.50")) for number in range(1, rows + 1)]
    total = Decimal("60.50") * rows
    lines += [Line("interest", ("Interest", "", "", "€1.20")), Line("total", ("Total", "", "", f"€{total + Decimal('1.20')}"))]
    owed = total + Decimal("1.20")
    account = ("Sample BV", "BE71 0961 2345 6769", "GKCCBEBB")
    code = epc(*account, owed, "RF18 5390 0754 7034").text
    transfer = Transfer(owed, "EUR", *account, "RF18 5390 0754 7034", "Please transfer.", code, "Scan.")
    return Content(
        document="reminder",
        language=language,
        subject="Reminder: 2 invoices",
        greeting="Dear Ann,",
        opening=("We have not yet received your payment.", "You promised to pay."),
        table=Table(("Invoice", "Issued", "Due", "Open"), tuple(lines)),
        remarks=("This is a remark.",),
        transfer=transfer,
        links=(Link("pay", "Pay online", "https://pay.example/pay/abc"), Link("portal", "See your invoices", "https://portal.example")),
        contact="Call us.",
        closing="Yours sincerely,",
        signature=("Sample BV", "Main Street 1", "1000 Brussels", "BE 0123.456.749", "ar@sample.example", "+32 2 000 00 00"),
        short="Sample BV: please pay.",
        spoken="Good day.",
        script="Say good day.",
        code="7T4K-9D2P-0MQX-C",
        check="It bears the check code 7T4K-9D2P-0MQX-C.",
        template="",
    )
