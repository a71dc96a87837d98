"""The forms of a message: plain text, HTML for mail, a letter. Every form says the same; a form is made from `Content` and the house."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from einvoice.errors import EInvoiceError
from einvoice.receivables.documents import letter, mail, sample
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.forms_view import LABELS, LAYOUTS, view
from einvoice.receivables.documents.mail import html
from einvoice.receivables.documents.plain import text
from einvoice.receivables.documents.templates import load
from einvoice.receivables.documents.words import LANGUAGES
from einvoice.receivables.policy.finding import Finding, Place, nearest
from einvoice.rendering.house import House

__all__ = ["check", "html", "text"]

_ADDRESS = ("Bakery Janssens", "Ann Janssens", "Station Road 2", "9000 Ghent", "BE")
_ROWS = 60


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
        one = sample.message("reminder", language, None, 2, "email", load(None))
        long = _long(one)
        tries: tuple[tuple[str, Callable[[], object]], ...] = (
            (LABELS, lambda made=one: view(made, templates)),  # type: ignore[misc]
            ("mail.html", lambda made=one: mail.page(made, house, templates)),  # type: ignore[misc]
            ("letter.typ", lambda made=one: letter.pdf(made, _ADDRESS, sample.DAY, house, registered=True, templates=templates)),  # type: ignore[misc]
            ("letter.typ", lambda made=long: letter.pdf(made, _ADDRESS, sample.DAY, house, templates=templates)),  # type: ignore[misc]
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


def _long(content: Content) -> Content:
    """The same with a table that needs a second page."""
    table = content.table
    assert table is not None
    return content._replace(table=table._replace(lines=(*table.lines[:1] * _ROWS, *table.lines)))
