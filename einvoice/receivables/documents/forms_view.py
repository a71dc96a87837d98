"""What every form of a message is laid out from: its content, the labels of its language, the code to pay by."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.errors import ReceivablesError
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.templates import Templates, load
from einvoice.receivables.documents.words import money, spoken
from einvoice.rendering.style import Style

LABELS, MAIL, LETTER = "labels.toml", "mail.html", "letter.typ"
LAYOUTS = (LABELS, MAIL, LETTER)
"""The layouts that there are, by the names of their files."""


class Fact(NamedTuple):
    """Something to pay by, as people copy it: a label and a value."""

    name: str
    label: str
    value: str


class View(NamedTuple):
    """A message ready to be laid out; `facts` say how to pay, `qr` is the text of the code, "" where there is none."""

    content: Content
    labels: Mapping[str, str]
    facts: tuple[Fact, ...] = ()
    qr: str = ""
    qr_alt: str = ""

    @property
    def creditor(self) -> str:
        """Who writes."""
        return self.content.signature[0] if self.content.signature else ""


def view(content: Content, templates: Templates | None) -> View:
    """A message with what its forms add.

    Raises ReceivablesError where the labels of a folder cannot be read.
    """
    named = labels(templates or load(None), content.language)
    given = content.transfer
    if given is None:
        return View(content, named)
    amount = money(given.amount, given.currency, spoken(content.language))
    stated = (("amount", amount), ("payee", given.name), ("iban", given.iban), ("bic", given.bic), ("reference", given.reference))
    facts = tuple(Fact(name, named[name], value) for name, value in stated if value)
    return View(content, named, facts, given.qr, named["qr"].format(amount=amount, payee=given.name))


@lru_cache(maxsize=64)
def dressed(style: Style) -> Mapping[str, Any]:
    """A house style as layouts see it: what stands in style.toml, and the shades that follow from its accent."""
    logo = Path(style.logo).as_posix() if style.logo else None
    return {**style._asdict(), "logo": logo, "ink": style.ink, "tint": style.tint, "night_ink": style.night_ink}


def labels(templates: Templates, language: str) -> Mapping[str, str]:
    """The labels in a language that we speak, ours where a folder's leave one out.

    Raises ReceivablesError where the folder's cannot be read.
    """
    return _labels(templates.layouts[LABELS], spoken(language))


@lru_cache(maxsize=64)
def _labels(data: bytes, language: str) -> Mapping[str, str]:
    ours = tomllib.loads(load(None).layouts[LABELS].decode())[language]
    try:
        own = tomllib.loads(data.decode()).get(language, {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ReceivablesError(f"layouts/{LABELS}: {fault}; `einvoice receivables templates check` says what is amiss") from None
    return {name: _text(own, name, text) for name, text in ours.items()}


def _text(own: Any, name: str, text: str) -> str:
    found = own.get(name) if isinstance(own, Mapping) else None
    return found if isinstance(found, str) and found else text
