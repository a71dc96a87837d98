"""Typst for letters: one compiler for a house and a thread, its fonts read once, so that a letter takes milliseconds.

Only the fonts that Typst carries and those of the house's `fonts` folder are used, never those of the machine.
"""

from __future__ import annotations

import datetime
import re
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from einvoice.errors import MissingGlyph, RenderError
from einvoice.receivables.documents.content import Content
from einvoice.rendering import fonts
from einvoice.rendering.wrapping import MARK

BUNDLED = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")
"""The families that Typst carries, in the order in which they help out."""
HOUSES = 8
"""How many house folders a thread keeps ready."""
_NOWHERE = Path(__file__).with_name("layouts")
_PAGES = re.compile(rb"\n\d+ 0 obj\n<<\s*/Type\s*/Pages\s*/Count (\d+)")
_ABSENT = re.compile(r'the text `"(.+?)"` could not be displayed with font')
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_PLACE = re.compile(r"┌─\s+(\S.*?):(\d+):(\d+)")


class Press:
    """A compiler and the families of fonts of a house folder."""

    def __init__(self, folder: Path | None) -> None:
        own = folder / fonts.FOLDER if folder else None
        known = typst.Fonts(include_system_fonts=False, font_paths=[own] if own and own.is_dir() else [])
        self.families = tuple(dict.fromkeys(font.family for font in known.fonts() if font.path))
        self._compiler = typst.Compiler(root=folder or _NOWHERE, font_paths=known, ignore_system_fonts=True)

    def pdf(self, source: bytes, given: str, day: datetime.date) -> bytes:
        """A PDF/A-3b of the data; `marked` tells the layout whether words are marked for breaking. Raises TypstError."""
        moment = datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)
        inputs = {"data": given, "marked": "yes" if MARK in given else "no"}
        made = self._compiler.compile(source, format="pdf", sys_inputs=inputs, pdf_standards=["a-3b"], timestamp=moment)
        assert isinstance(made, bytes)
        return made

    def png(self, source: str, dots: float) -> bytes:
        """A picture of one page, so many dots an inch. Raises TypstError."""
        made: Any = self._compiler.compile(source.encode(), format="png", ppi=dots, sys_inputs={})
        return bytes(made if isinstance(made, bytes) else made[0])


_THREAD = threading.local()


def ready(folder: Path | None) -> Press:
    """The press of a folder with the fonts that it has now, ready in this thread."""
    if not hasattr(_THREAD, "presses"):
        _THREAD.presses = lru_cache(maxsize=HOUSES)(lambda folder, _files: Press(folder))
    press: Press = _THREAD.presses(folder, fonts.states(folder))
    return press


def pages(pdf: bytes) -> int:
    """How many pages a letter of ours has."""
    found = _PAGES.search(pdf)
    if found is None:
        raise RenderError("the pages of the letter cannot be counted: this is no PDF that this release of Typst writes")
    return int(found[1])


def explained(fault: typst.TypstError, content: Content, address: tuple[str, ...], layout: str) -> RenderError:
    """The error of ours that a fault of Typst is: a character that no font has and where it stands, or a place in the layout."""
    absent = _ABSENT.search(fault.message) or _ABSENT.search(fault.diagnostic)
    if absent:
        return _missing(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), absent[1])[0], content, address)
    place = _PLACE.search(fault.diagnostic)
    where = f"{layout}, line {place[2]}" if place else layout
    text = "; ".join([fault.message, *fault.hints])
    return RenderError(f"{where}: {text}; correct the layout or the house style, or remove the file: the release's is used then")


def _missing(character: str, content: Content, address: tuple[str, ...]) -> MissingGlyph:
    fields = {"address": address, **content._asdict()}
    held = next((name for name, value in fields.items() if _holds(value, character)), "layout")
    return MissingGlyph(
        f"no font has the character {character!r} (U+{ord(character):04X}), which stands in the letter's {held}; "
        'put a .ttf or .otf file of a font that has it into the folder fonts/ of your house style, and name it in style.toml: font = "…"',
        character,
        None,
    )


def _holds(value: Any, character: str) -> bool:
    if isinstance(value, str):
        return character in value
    return isinstance(value, tuple) and any(_holds(part, character) for part in value)
