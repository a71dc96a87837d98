"""A message as a letter: PDF/A-3b, its address in the window of the house's envelopes; the same content, the same bytes.

A letter is laid out once. Only one that does not fit its page is laid out again: in slightly smaller type, and where that does not fit
either, on several pages, each of which knows how many there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import typst

from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.forms_view import LETTER, view
from einvoice.receivables.documents.letter_data import data, points
from einvoice.receivables.documents.letter_press import BUNDLED, explained, pages, ready
from einvoice.receivables.documents.templates import Templates, load
from einvoice.rendering.house import House

_MANY = 2
_LONG, _TRIED = 40, 12
"""Rows of a table of which a letter surely has several pages, and up to which smaller type is tried."""
_TIGHT = 0.93
"""The size of the smaller type, in units of the house's."""


class Letter(NamedTuple):
    """What becomes a letter: `address` are the lines in the window, `sender` the parts of the line above them."""

    content: Content
    address: tuple[str, ...]
    day: date
    sender: tuple[str, ...] = ()
    registered: bool = False


def pdf(
    content: Content,
    address: Sequence[str],
    day: date,
    house: House,
    *,
    sender: Sequence[str] = (),
    registered: bool = False,
    templates: Templates | None = None,
) -> bytes:
    """A letter as PDF/A-3b (ISO 19005-3). `day` is its date; `registered` sets the mark of registered letters above the address.

    Raises MissingGlyph where no font has a character of it, RenderError where layout or house style are wrong.
    """
    return printed(Letter(content, tuple(address), day, tuple(sender), registered), house, templates)


def many(letters: Iterable[Letter], house: House, templates: Templates | None = None) -> Iterator[bytes]:
    """Letters in one house style, one after the other, in constant memory. Raises what `pdf` raises."""
    named = templates or load(None)
    for each in letters:
        yield printed(each, house, named)


def printed(letter: Letter, house: House, templates: Templates | None = None) -> bytes:
    """The PDF of a letter. Raises what `pdf` raises."""
    named = templates or load(None)
    rows = len(letter.content.table.lines) if letter.content.table else 0
    if rows <= _LONG:
        made = _laid(letter, house, named, 1)
        if pages(made) == 1:
            return made
    if rows <= _TRIED:
        made = _laid(letter, _tight(house), named, 1)
        if pages(made) == 1:
            return made
    return _laid(letter, house, named, _MANY)


def _tight(house: House) -> House:
    return house._replace(style=house.style._replace(size=f"{points(house.style.size) * _TIGHT:.2f}pt"))


def _laid(letter: Letter, house: House, templates: Templates, count: int) -> bytes:
    press = ready(house.folder)
    families = tuple(dict.fromkeys((house.style.font, *press.families, *BUNDLED)))
    sender = letter.sender or letter.content.signature[:3]
    given = data(
        view(letter.content, templates),
        letter.address,
        letter.day,
        house.style,
        sender=sender,
        registered=letter.registered,
        pages=count,
        fonts=families,
    )
    try:
        return press.pdf(templates.layouts[LETTER], json.dumps(given, ensure_ascii=False), letter.day)
    except typst.TypstError as fault:
        layout = templates.folder / "layouts" / LETTER if templates.folder else f"layouts/{LETTER}"
        raise explained(fault, letter.content, letter.address, str(layout)) from None
