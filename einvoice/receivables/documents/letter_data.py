"""What the layout of a letter is given: every text final, every size and width that depends on texts reckoned here, not on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from einvoice.receivables.documents.content import Line, Table
from einvoice.receivables.documents.forms_view import View, dressed
from einvoice.receivables.documents.words import day as written_day
from einvoice.receivables.documents.words import spoken
from einvoice.rendering.qr import svg
from einvoice.rendering.style import Style
from einvoice.rendering.values import clean
from einvoice.rendering.windows import Area, window
from einvoice.rendering.wrapping import breakable, width

PAPER = {"a4": 210.0, "us-letter": 215.9}
"""How wide a sheet is, in millimetres."""
LEFT, RIGHT = 25.0, 20.0
_POINT = 25.4 / 72
_SIZES = (10.5, 10, 9.5, 9, 8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5, 4.5, 4)
_LINE = 1.18
"""The height of a line of an address, in units of its type."""
_NO_WINDOW = Area(25, 45, 85, 40)
_UNITS = {"mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0, "pt": 1.0}
_SAFE = 1.08
"""How much wider a text may be than it is reckoned to be."""
_LONG = 60
_GUTTER = 3.0
"""Millimetres between the columns of a table."""
_SLIDE = 2.0
"""Millimetres that a text keeps from the edge of its window."""
_ROW = 1.42
"""The height of a row of a table, in units of its type."""
_SIDE = 33.0
"""How wide the code is, in millimetres."""


def data(made: View, address: Sequence[str], day: date, style: Style, **more: Any) -> dict[str, Any]:
    """The data of a letter. `more`: sender, registered, pages, fonts."""
    content = made.content
    language = spoken(content.language)
    across = PAPER[style.paper] - LEFT - RIGHT
    where = window(style.window)
    area = where.window or _NO_WINDOW
    wide = across / (points(style.size) * _POINT) - 2
    return {
        "before": breakable([content.greeting, *content.opening], wide),
        "table": _table(content.table, across, style) if content.table else None,
        "remarks": breakable(list(content.remarks), wide),
        "links": [{"words": link.words, "url": link.url, "shown": breakable(link.url, wide)} for link in content.links],
        "after": breakable([part for part in (content.contact, content.check) if part], wide),
        "about": {
            "title": _cut(content.subject),
            "author": made.creditor,
            "date": {"year": day.year, "month": day.month, "day": day.day},
        },
        "language": language,
        "labels": made.labels,
        "pages": more["pages"],
        "fonts": more["fonts"],
        "style": dressed(style),
        "width": across,
        "head": _head(made, area, across),
        "address": _address(
            made, address, more["sender"], where.address or _NO_WINDOW, where.sender, area.left, registered=more["registered"]
        ),
        "beside": _beside(made, area, across, logo=bool(style.logo)),
        "folds": list(where.folds) if style.fold_marks else [],
        "punch": where.punch if style.fold_marks else None,
        "top": area.top + area.height + 8.5,
        "date": written_day(day, language),
        "subject": content.subject,
        "payment": _payment(made, across, style),
        "closing": content.closing,
        "signature": content.signature[:1],
        "foot": _foot(made, style),
    }


def _cut(text: str, most: int = _LONG) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"


def _head(made: View, area: Area, across: float) -> dict[str, Any]:
    size = next((size for size in (17, 14, 11, 9, 7) if _wide(made.creditor, size) <= across), 6)
    return {"name": made.creditor, "size": size, "alt": made.labels["logo"].format(creditor=made.creditor), "height": area.top - 12}


def _address(
    made: View, address: Sequence[str], sender: Sequence[str], to: Area, given: Area | None, edge: float, *, registered: bool
) -> dict[str, Any]:
    """The lines in the largest type in which all of them fit their area, the sender's above them."""
    to, given = _inside(to, edge), _inside(given, edge) if given else None
    mark = made.labels["registered"].upper() if registered else ""
    lines = [clean(line) for line in address]
    line = " · ".join(clean(part) for part in sender) if given else ""
    above = given or to
    size = next((size for size in (7, 6.5, 6, 5.5, 5, 4.5) if _wide(line, size) <= above.width), 4)
    wanted = [*([mark] if mark else []), *lines]
    largest = next((size for size in _SIZES if fits(wanted, size, to)), _SIZES[-1])
    return {
        **to._asdict(),
        "lines": breakable(lines, to.width / (largest * _POINT * _SAFE)),
        "mark": mark,
        "size": largest,
        "sender": {**above._asdict(), "text": line, "size": size},
    }


def _inside(area: Area, edge: float) -> Area:
    """An area a little away from the edge of its window, where it begins there: a sheet may slide in its envelope."""
    return area if area.left > edge else area._replace(left=area.left + _SLIDE, width=area.width - 2 * _SLIDE)


def fits(lines: Sequence[str], size: float, area: Area) -> bool:
    """Whether lines of an address fit an area, those that are too wide on several lines."""
    rows = sum(max(1, math.ceil(_wide(line, size) / area.width)) for line in lines)
    return 1.2 + rows * size * _LINE * _POINT + 0.5 <= area.height


def _wide(text: str, size: float) -> float:
    """About how wide a text is in millimetres, rather more than less."""
    return _units(text) * size * _POINT * _SAFE


@lru_cache(maxsize=8192)
def _units(text: str) -> float:
    return width(text)


def points(length: str) -> float:
    """A length of a style in points."""
    return float(length[:-2]) * _UNITS[length[-2:]]


def _beside(made: View, area: Area, across: float, *, logo: bool) -> dict[str, Any]:
    """Where the sender's lines and the day stand: at the other side than the window; the name, too, where a logo is in its place."""
    left = area.left + area.width + 8 if area.left < 100 else LEFT
    room = LEFT + across - left if area.left < 100 else area.left - 8 - LEFT
    lines = made.content.signature if logo else made.content.signature[1:]
    return {"left": left, "top": max(area.top, 30), "width": min(room, 75), "lines": breakable(list(lines), min(room, 75) / 3.2)}


def _foot(made: View, style: Style) -> dict[str, Any]:
    """The columns of the house, or who writes; as high as the longest of them."""
    columns = [list(lines) for lines in style.footer]
    lines = max((len(column) for column in columns), default=0)
    running = " · ".join(part for part in (made.creditor, *made.content.signature[-2:]) if part) if not columns else made.creditor
    code = f"{made.labels['code']} {made.content.code}" if made.content.code else ""
    return {
        "columns": breakable(columns, (160 / max(len(columns), 1) - 5) / (7 * _POINT * _SAFE)),
        "height": 19.0 + 3.6 * lines,
        "running": " · ".join(dict.fromkeys(part for part in (_cut(running, 100), code) if part)),
    }


def _table(table: Table, across: float, style: Style) -> dict[str, Any]:
    """The rows, and how wide each column is: one takes what is left, the others what their longest text needs."""
    size = points(style.size)
    full = [line.cells for line in table.lines if not _label(line)]
    last = (table.columns[-1], *(line.cells[-1] for line in table.lines))
    columns = [*list(zip(table.columns, *full, strict=True))[:-1], last]
    most = across / len(columns) * 1.05
    needed = [max(_wide(text, size) for text in column) + 1 for column in columns]
    flexible = _flexible(needed)
    widths = [min(wide, most) for wide in needed]
    widths[flexible] = across - sum(widths) + widths[flexible] - _GUTTER * (len(widths) - 1)
    rooms = [wide / (size * _POINT * _SAFE) for wide in widths]
    return {
        "columns": list(table.columns),
        "widths": widths,
        "heights": [size * _ROW * _POINT] * (len(table.lines) + 1) if _short(table, widths, size) else [],
        "rows": [{"kind": line.kind, "cells": _cells(line, rooms), "wide": _label(line)} for line in table.lines],
    }


def _short(table: Table, widths: Sequence[float], size: float) -> bool:
    """Whether every text of a table fits on one line."""
    room = sum(widths[:-1])
    rows = (table.columns, *(line.cells for line in table.lines if not _label(line)))
    labels = (line.cells[0] for line in table.lines if _label(line))
    return all(_wide(cell, size) <= wide for row in rows for cell, wide in zip(row, widths, strict=True)) and all(
        _wide(label, size) <= room for label in labels
    )


def _flexible(needed: Sequence[float]) -> int:
    """The column that takes what is left: the first, unless another but the last has much longer texts."""
    widest = max(range(len(needed) - 1), key=lambda at: needed[at], default=0)
    return widest if needed[widest] > 1.5 * needed[0] else 0


def _cells(line: Line, rooms: Sequence[float]) -> list[str]:
    if _label(line):
        return list(line.cells)
    return [breakable(cell, room) for cell, room in zip(line.cells, rooms, strict=True)]


def _label(line: Line) -> bool:
    """Whether a row has a label and an amount only."""
    return len(line.cells) > 2 and not any(line.cells[1:-1])


def _payment(made: View, across: float, style: Style) -> Mapping[str, Any] | None:
    """The payment box: two columns of facts beside the code, three without one."""
    given = made.content.transfer
    if given is None:
        return None
    code = made.qr if style.qr else ""
    room = across - 7 - (_SIDE + 5 if code else 0)
    count = 2 if code else 3
    wide = (room - 4 * (count - 1)) / count
    most = wide / (points(style.size) * _POINT * _SAFE * 1.1)
    facts = [{"label": fact.label, "value": breakable(fact.value, most)} for fact in made.facts]
    return {
        "words": given.words,
        "facts": [facts[at::count] for at in range(count)],
        "columns": [wide] * count,
        "qr": svg(code) if code else None,
        "alt": made.qr_alt,
        "scan": given.scan,
        "room": room,
        "side": _SIDE,
    }
