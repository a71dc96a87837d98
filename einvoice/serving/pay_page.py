"""The page behind a link to pay as HTML, in four languages: no script, nobody's name but the creditor's."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from einvoice.receivables.documents.words import LANGUAGES, money, spoken
from einvoice.receivables.paying.links import Asked
from einvoice.rendering import qr
from einvoice.rendering.epc import epc
from einvoice.rendering.style import Style

NAMES = {"en": "English", "nl": "Nederlands", "de": "Deutsch", "fr": "Français"}
_HERE = Path(__file__).parent
_TEXT = 140


class Page(NamedTuple):
    """A page: its HTML in UTF-8, and the Content-Security-Policy that it needs and no more."""

    html: bytes
    policy: str


def asking(
    asked: Asked, language: str, style: Style, buttons: Sequence[tuple[str, str]], notice: str | None = None, *, pending: bool = False
) -> Page:
    """What is open of a link now, and the ways to pay it; `buttons` are providers' names and titles, `notice` a key of the words.

    Nothing open: thanks. While a payment is under way (`pending`), no way to pay is offered.
    """
    words = _words(language)
    about = {"creditor": asked.creditor_name, "action": f"?language={language}", "languages": tuple(NAMES.items())}
    title = words["title"].format(creditor=asked.creditor_name)
    if not asked.owed:
        return _page(language, style, title=title, heading=words["paid"], notice=words["paid_more"], **about)
    amount = money(asked.amount, asked.currency, language)
    shown: dict[str, Any] = {
        "heading": words["asked"].format(amount=amount),
        "invoices": [(one.number, money(one.amount, asked.currency, language)) for one in asked.owed],
        "notice": words["pending"] if pending else words[notice] if notice else "",
    }
    if not pending:
        shown["buttons"] = [(name, words["by"].format(amount=amount, provider=title)) for name, title in buttons]
        shown |= _transfer(asked, amount, words, style)
    return _page(language, style, title=title, **about, **shown)


def onward(asked: Asked, language: str, style: Style, provider: str, url: str) -> Page:
    """Leads on to a provider: at once, and by a link."""
    words = _words(language)
    going = words["going"].format(provider=provider)
    title = words["title"].format(creditor=asked.creditor_name)
    return _page(language, style, title=title, heading=going, creditor=asked.creditor_name, onward=url, onward_words=going)


def told(kind: str, language: str, style: Style) -> Page:
    """A page that only says something: `missing` or `slow`. It is the same for everybody."""
    words = _words(language)
    return _page(language, style, title=words[kind], heading=words[kind], notice=words.get(f"{kind}_more", ""))


def language_of(asked: str | None, link: str) -> str:
    """The language of a page: the one asked for, else the link's, of those that we speak."""
    return asked if asked in LANGUAGES else spoken(link)


def _transfer(asked: Asked, amount: str, words: Mapping[str, str], style: Style) -> dict[str, Any]:
    """How to transfer, where the creditor has an account."""
    if not asked.iban:
        return {}
    message = asked.reference or " ".join(one.number for one in asked.owed)[:_TEXT]
    iban = " ".join(asked.iban[at : at + 4] for at in range(0, len(asked.iban), 4))
    rows = [("name", asked.creditor_name), ("iban", iban), ("bic", asked.bic), ("amount", amount), ("reference", message)]
    code = epc(
        asked.creditor_name, asked.iban, asked.bic, asked.amount, reference=asked.reference, text=message, currency=asked.currency
    ).text
    drawn = Markup(qr.svg(code)) if code and style.qr else ""  # noqa: S704 - made of numbers
    return {"transfer": [(words[name], value) for name, value in rows if value], "qr": drawn}


def _page(language: str, style: Style, **shown: Any) -> Page:
    css = _css().replace("ACCENT", style.accent).replace("INK", style.ink).replace("TINT", style.tint)
    data = {"language": language, "words": _words(language), "css": Markup(css), **shown}  # noqa: S704 - our own
    html = _template().render(data).encode()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return Page(html, policy)


@cache
def _template() -> jinja2.Template:
    found = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.ChainableUndefined)
    return found.from_string((_HERE / "pay.html").read_text("utf-8"))


@cache
def _css() -> str:
    return (_HERE / "pay.css").read_text("utf-8")


@cache
def _words(language: str) -> Mapping[str, str]:
    found: Mapping[str, str] = json.loads((_HERE / "pay.json").read_text("utf-8"))[language]
    return found
