"""What Typst refuses, in words that help: a character that no font has, a fault in a template."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from einvoice.errors import MissingGlyph, RenderError
from einvoice.rendering.sheet import Table

if TYPE_CHECKING:
    from typst import TypstError

    from einvoice.rendering.pieces import Template
    from einvoice.rendering.sheet import Sheet

_ABSENT = re.compile(r'the text `"(.+?)"` could not be displayed with font')
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_PLACE = re.compile(r"┌─\s+(\S.*?):(\d+):(\d+)")
_PICTURE = re.compile(r"decode image|SVG|CMYK|image format|linked image")
_OURS = "__typst_py_bytes__.typ"
"""What Typst calls a text that is no file."""


def explained(fault: TypstError, sheet: Sheet, template: Template) -> RenderError:
    """The error of ours that a fault of Typst is."""
    absent = _ABSENT.search(fault.message) or _ABSENT.search(fault.diagnostic)
    if absent:
        return missing(_unescaped(absent[1]), sheet)
    text = "; ".join([fault.message, *fault.hints])
    if _PICTURE.search(fault.message):
        return RenderError(f"a picture, such as the logo, cannot be set: {text}; save it as PNG or JPEG in RGB, or as SVG without links")
    return RenderError(f"{_place(fault.diagnostic, template)}: {text}; correct the template, or delete it: the package's is used then")


def _place(diagnostic: str, template: Template) -> str:
    """File and line of the fault, or of the last call on the way to it that is known."""
    for found in _PLACE.finditer(diagnostic):
        if not found[1].endswith(_OURS):
            return f"{found[1]}, line {found[2]}"
        place = template.place(int(found[2]))
        if place:
            return f"{place[0]}, line {place[1]}"
    return str(template.places[0][0]) if template.places else "the template"


def missing(text: str, sheet: Sheet) -> MissingGlyph:
    """The error for a text that no font can show, with the place on the sheet that has it."""
    character = text[0]
    name = unicodedata.name(character, "a character without a name")
    label, term = holder(sheet, text) or holder(sheet, character) or ("", None)
    place = f"{label} ({term})" if label and term else label or term or "a picture or a template"
    return MissingGlyph(
        f"no font has the character {character!r} (U+{ord(character):04X} {name}), which stands in {place}; "
        'put a .ttf or .otf file of a font that has it into the folder fonts/ of your house style, and name it in style.toml: font = "…"',
        character,
        term,
    )


def holder(value: Any, text: str, label: str = "", term: str | None = None) -> tuple[str, str | None] | None:
    """The label and the term of the first part of a sheet that holds a text."""
    if isinstance(value, str):
        return (label, term) if text in value else None
    if not isinstance(value, tuple):
        return None
    label = getattr(value, "label", "") or getattr(value, "title", "") or label
    term = getattr(value, "term", None) or term
    found = _cell(value, text, label, term) if isinstance(value, Table) else None
    parts = zip(getattr(value, "_fields", ("",) * len(value)), value, strict=True)
    return found or next(
        (place for name, part in parts if name not in ELSEWHERE and (place := holder(part, text, *_named(name, label, term)))), None
    )


def _cell(table: Table, text: str, label: str, term: str | None) -> tuple[str, str | None] | None:
    """The column of the first cell that holds a text."""
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            if text in cell:
                return f"{label}, {column.heading}", column.term or term
    return None


ELSEWHERE = frozenset({"language", "day", "words", "qr", "label", "term"})
"""Fields that name other parts, or are no text of the invoice."""
BY_PLACE = {"sender": "BG-4", "recipient": "BG-7", "number": "BT-1"}
"""What the fields of a sheet hold that have no label."""


def _named(name: str, label: str, term: str | None) -> tuple[str, str | None]:
    return ("", BY_PLACE[name]) if name in BY_PLACE else (label, term)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
