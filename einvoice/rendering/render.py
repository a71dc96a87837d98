"""`einvoice.render`: an invoice as people read it, HTML or PDF, in four languages and the style of a house."""

from __future__ import annotations

from collections.abc import Callable, Collection
from difflib import get_close_matches
from pathlib import Path

from einvoice.errors import EInvoiceError, RenderError
from einvoice.model import Invoice
from einvoice.rendering.compose import sheet
from einvoice.rendering.sheet import Sheet
from einvoice_schemas.terms import LANGUAGES

FORMATS = ("html", "pdf")


def render(invoice: Invoice, format: str = "html", *, language: str = "en", templates: Path | str | None = None) -> bytes:  # noqa: A002 - the word that callers expect
    """The invoice as one HTML file or as PDF/A-3b, every value of it in words and figures of the language; the same bytes each time.

    `templates` is a house folder: style.toml, logo, fonts/, changed templates; what it lacks is the package's.
    Raises RenderError where format or language are none of ours, or where style or template are wrong; MissingGlyph where no font has a
    character (PDF); EInvoiceError where the extra `pdf` is not installed.
    """
    return press(format, language=language, templates=templates)(invoice)


def press(kind: str, *, language: str = "en", templates: Path | str | None = None) -> Callable[[Invoice], bytes]:
    """What renders many invoices alike.

    Raises at once what `render` raises, but for what a template does and for missing glyphs.
    """
    _known("format", kind, FORMATS)
    _known("language", language, LANGUAGES)
    try:
        made = _press(kind, None if templates is None else Path(templates))
    except ModuleNotFoundError as fault:
        if str(fault.name).startswith("einvoice"):
            raise
        raise EInvoiceError(f"{fault.name} is not installed; pip install 'einvoice-toolkit[pdf]'") from None
    return lambda invoice: made(sheet(invoice, language))


def _press(kind: str, folder: Path | None) -> Callable[[Sheet], bytes]:
    from einvoice.rendering import house  # noqa: PLC0415 - it needs the extra

    style = house.load(folder)
    if kind == "pdf":
        from einvoice.rendering.typst import pdf  # noqa: PLC0415 - the same

        return lambda sheet: pdf(sheet, style)
    from einvoice.rendering.html import html  # noqa: PLC0415 - the same

    return lambda sheet: html(sheet, style)


def _known(what: str, given: str, known: Collection[str]) -> None:
    if given not in known:
        near = get_close_matches(str(given), known, n=1)
        mend = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        raise RenderError(f"there is no {what} {given!r}; {mend}")
