"""Drafts in CSV: a row of paths, then a row a line. Values of the invoice stand in its first row, or in every row alike.

`line.` before a path means the line of that row. Without a position a repeating field means its first: `notes.text` is
`notes[0].text`. Rows with another `number` are another invoice; a row without one goes on with the invoice above.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from einvoice import paths
from einvoice.drafts.faults import Origin, Places, Steps, finding, unknown_field
from einvoice.errors import Location, Unreadable
from einvoice.model import Group, Invoice, Line
from einvoice.report import Finding

LINE = "line."


def read(text: str) -> list[tuple[Any, Places]]:
    """The invoices that the rows state, in the order in which each first occurs, with where their values stand.

    Raises Unreadable for a column that is no path, and where rows of one invoice contradict each other.
    """
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        names = [name.strip() for name in next(rows)]
        columns = _columns(names)
        sheets = _sheets(rows, names, columns)
    except csv.Error as fault:
        raise Unreadable(f"this is not CSV ({fault})", location=Location(line=rows.line_num), mend="close the quotation marks") from None
    faults = [fault for sheet in sheets for fault in sheet.faults]
    if faults:
        raise Unreadable(f"the draft has {len(faults)} fault{'s' if len(faults) > 1 else ''}", faults)
    return [sheet.built() for sheet in sheets]


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: whichever the first row has most of; no path holds one."""
    head = text.lstrip("\r\n").partition("\n")[0]
    return max(",;\t", key=head.count)


def _columns(names: list[str]) -> list[Steps]:
    """The path of each column; those of a line begin with `lines`.

    Raises Unreadable for names that are no path, and for one that stands twice.
    """
    faults: list[Finding] = []
    columns = [_column(name, faults) for name in names]
    for path, name in zip(columns, names, strict=True):
        if path and any(path == other[: len(path)] for other in columns if other is not path):
            faults.append(finding("draft-field", path, ": another column states the same, or a part of it; keep one", Origin(1, name)))
    if faults:
        raise Unreadable(f"{len(faults)} of the columns cannot be understood", faults)
    return columns


def _column(name: str, faults: list[Finding]) -> Steps:
    made: list[str | int] = ["lines"] if name.startswith(LINE) else []
    group: type[Group] | None = Line if made else Invoice
    steps = paths.parse(name.removeprefix(LINE))
    for position, step in enumerate(steps):
        if isinstance(step, int):
            continue
        field = paths.fields(group).get(step) if group else None
        if field is None or (field.name == "lines" and not made):
            faults.append(unknown_field((*made, step), Origin(1, name)))
            return ()
        made.append(step)
        group = field.group
        if field.repeats:
            following = steps[position + 1 : position + 2]
            made.append(following[0] if following and isinstance(following[0], int) else 0)
    return tuple(made)


class Sheet:
    """The rows of one invoice: its values by their paths, with where each stands."""

    def __init__(self) -> None:
        self.values: dict[Steps, tuple[str, Origin]] = {}
        self.lines = 0
        self.faults: list[Finding] = []

    def add(self, path: Steps, value: str, origin: Origin) -> None:
        """Takes a value in; one that is there already must be the same."""
        known = self.values.setdefault(path, (value, origin))
        if known[0] != value:
            said = f" is {value!r} here, but {known[0]!r} in row {known[1].line}: state it once, or alike in every row"
            self.faults.append(finding("draft-value", path, said, origin, value=value))

    def built(self) -> tuple[Any, Places]:
        """The invoice as nested data, and where its values stand."""
        tree: dict[str | int, Any] = {}
        for path, value in self.values.items():
            node = tree
            for step in path[:-1]:
                node = node.setdefault(step, {})
            node[path[-1]] = value
        origins: dict[Steps, Origin] = {}
        data = _shaped(tree, (), origins)
        return data, lambda: origins


def _shaped(node: Any, place: Steps, origins: dict[Steps, Origin]) -> Any:
    """A tree with lists where its keys are positions, closed up where some are not used; the origins by the places they got."""
    if isinstance(node, tuple):
        value, origin = node
        for length in range(len(place)):
            origins.setdefault(place[:length], Origin(origin.line))
        origins[place] = origin
        return value
    if any(isinstance(key, int) for key in node):
        return [_shaped(node[key], (*place, position), origins) for position, key in enumerate(sorted(node))]
    return {key: _shaped(inner, (*place, key), origins) for key, inner in node.items()}


def _sheets(rows: Any, names: list[str], columns: list[Steps]) -> list[Sheet]:
    """The rows, gathered by the number of their invoice."""
    sheets: dict[str, Sheet] = {}
    number = ""
    for row in rows:
        cells = [cell.strip() for cell in row]
        if any(cells):
            number = next((cell for cell, path in zip(cells, columns, strict=False) if path == ("number",) and cell), number)
            sheet = sheets.setdefault(number, Sheet())
            _take(sheet, [*_located(cells, names, columns)], Origin(rows.line_num))
            if len(cells) > len(names):
                more = f": {len(cells)} cells for {len(names)} columns; quote values that hold the delimiter"
                sheet.faults.append(finding("draft-value", (), more, Origin(rows.line_num)))
    return [*sheets.values()]


def _located(cells: list[str], names: list[str], columns: list[Steps]) -> Iterator[tuple[Steps, str, str]]:
    return ((path, name, cell) for cell, name, path in zip(cells, names, columns, strict=False) if cell and path)


def _take(sheet: Sheet, cells: list[tuple[Steps, str, str]], origin: Origin) -> None:
    """One row: what belongs to its line, and what to the invoice."""
    for path, name, cell in cells:
        place = ("lines", sheet.lines, *path[1:]) if path[0] == "lines" else path
        sheet.add(place, cell, Origin(origin.line, name))
    sheet.lines += any(path[0] == "lines" for path, _, _ in cells)
