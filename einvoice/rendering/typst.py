"""The sheet as a PDF/A-3B by Typst: laid out by invoice.typ, the same bytes for the same invoice everywhere.

Only the fonts that Typst carries and those of the house's fonts/ folder are used, never those of the machine. The document's date is
the issue date of the invoice.
"""

from __future__ import annotations

import datetime
import json
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from einvoice.rendering import fonts
from einvoice.rendering.columns import arranged
from einvoice.rendering.glyphs import explained
from einvoice.rendering.house import TEMPLATES, House
from einvoice.rendering.metrics import Metrics
from einvoice.rendering.pieces import Template, template
from einvoice.rendering.qr import svg
from einvoice.rendering.sheet import Sheet, shape
from einvoice.rendering.style import Style
from einvoice.rendering.windows import window
from einvoice.rendering.wrapping import NARROW, breakable

BUNDLED = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")
"""The families that Typst carries, in the order in which they help out."""
UNDATED = datetime.date(1980, 1, 1)
"""The document's date where the invoice states none: PDF/A needs one, and the clock is none of ours."""
LONG = 60
"""How many characters of title and seller stand at the head and foot of every page."""
PRESSES = 8
"""How many house folders a thread keeps ready."""


def pdf(sheet: Sheet, house: House) -> bytes:
    """The sheet as a PDF/A-3B.

    Raises MissingGlyph where no font has a character of it, RenderError where a template is wrong.
    """
    day = datetime.date.fromisoformat(sheet.day) if sheet.day else UNDATED
    press = _ready(house.folder)
    given = json.dumps(_data(sheet, house.style, press, day), ensure_ascii=False)
    return press.printed(template(house), given, day, sheet)


def _data(sheet: Sheet, style: Style, press: Press, day: datetime.date) -> dict[str, Any]:
    """What the template is given."""
    families = tuple(dict.fromkeys((style.font, *press.families, *BUNDLED)))
    font = press.metrics(families)
    seller = next((block.lines[0] for block in sheet.parties if block.term == "BG-4" and block.lines), "")
    code = sheet.payment.qr if sheet.payment and style.qr else ""
    logo = Path(style.logo).as_posix() if style.logo else None
    return {
        "about": {
            "title": sheet.title,
            "running": _cut(sheet.title),
            "running_seller": _cut(seller),
            "author": seller,
            "total": next((row.carried for row in reversed(sheet.lines.rows) if row.carried), "") if sheet.lines else "",
            "date": {"year": day.year, "month": day.month, "day": day.day},
        },
        "sheet": breakable(_arranged(sheet, font)),
        "style": {**style._asdict(), "logo": logo, "ink": style.ink, "tint": style.tint, "footer": breakable(style.footer, NARROW)},
        "fonts": families,
        "height": font.height,
        "window": _window(style.window),
        "qr": svg(code) if code else None,
    }


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONG else f"{line[:LONG]}…"


def _arranged(sheet: Sheet, font: Metrics) -> dict[str, Any]:
    """The shape of the sheet, its tables and totals ready for a page."""
    made = shape(sheet)
    tables = {name: arranged(part, sheet.language, font) for name, part in made.items() if isinstance(part, dict) and "columns" in part}
    return {**made, **tables, "totals": [_total(fact, font) for fact in made["totals"]]}


def _total(fact: dict[str, Any], font: Metrics) -> dict[str, Any]:
    """A total taken apart: figure and currency, and how wide they and the label are."""
    figure, _, unit = fact["value"].partition(" ")
    bold = fact["term"] == "BT-115"
    return {**fact, "figure": figure, "unit": unit, "figure_wide": font.width(figure), "unit_wide": font.width(unit, bold=bold)}


def _window(name: str) -> dict[str, Any]:
    found = window(name)
    areas = {"window": found.window, "sender": found.sender, "address": found.address}
    return {
        **{part: area._asdict() if area else None for part, area in areas.items()},
        "folds": list(found.folds),
        "punch": found.punch,
    }


class Press:
    """Typst for one house folder and one thread: its fonts are read once, its other files for every page."""

    def __init__(self, folder: Path | None) -> None:
        own = folder / fonts.FOLDER if folder else None
        known = typst.Fonts(include_system_fonts=False, font_paths=[own] if own and own.is_dir() else [])
        self.families = tuple(dict.fromkeys(font.family for font in known.fonts() if font.path))
        self.compiler = typst.Compiler(root=folder or TEMPLATES, font_paths=known, ignore_system_fonts=True)
        self._known = known
        self._metrics: dict[tuple[str, ...], Metrics] = {}

    def metrics(self, families: tuple[str, ...]) -> Metrics:
        """The widths of characters in the first of the families that has them."""
        if families not in self._metrics:
            self._metrics[families] = Metrics(families, self._queried)
        return self._metrics[families]

    def _queried(self, source: bytes, inputs: dict[str, str]) -> str:
        compiler = typst.Compiler(source, font_paths=self._known, ignore_system_fonts=True, sys_inputs=inputs)
        return compiler.query("<made>", field="value", one=True)

    def printed(self, template: Template, given: str, day: datetime.date, sheet: Sheet) -> bytes:
        """The PDF of the data."""
        moment = datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)
        source: Any = template.source  # bytes or a path, which the types of Typst take one at a time
        inputs = {"data": given}
        try:
            made = self.compiler.compile(source, format="pdf", sys_inputs=inputs, pdf_standards=["a-3b"], timestamp=moment)
        except typst.TypstError as fault:
            raise explained(fault, sheet, template) from None
        assert isinstance(made, bytes)
        return made


_THREAD = threading.local()


def _ready(folder: Path | None) -> Press:
    """The press of a folder with the fonts that it has now, ready in this thread."""
    if not hasattr(_THREAD, "presses"):
        _THREAD.presses = lru_cache(maxsize=PRESSES)(lambda folder, _files: Press(folder))
    press: Press = _THREAD.presses(folder, fonts.states(folder))
    return press
