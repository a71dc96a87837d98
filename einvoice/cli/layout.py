"""Laying out plain text: wrapping, pairs of label and value, blocks side by side, tables. Everything fits a given width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import NamedTuple

from einvoice.rendering.values import clean

GAP = 2
LABEL = 40  # a longer label does not move the values of the others
ROOM = 40  # with less beside its label, a text of several lines stands below it


class Line(NamedTuple):
    """A line of output and how it looks on a terminal: "bold", "dim", or plain."""

    text: str
    style: str = ""


Pair = tuple[str, str]


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most that width; its own line breaks stay, and what cannot be broken is cut."""
    return [line for part in clean(text).split("\n") for line in wrap(part.strip(" "), max(width, 8)) or [""]]


def pairs(rows: Sequence[Pair], width: int) -> list[str]:
    """Labels on the left, values aligned beside them; a value that does not fit stands below its label, indented."""
    limit = min(LABEL, width * 5 // 8)
    column = max((len(label) for label, _ in rows if len(label) <= limit), default=0) + GAP
    return [line for label, value in rows for line in _pair(label, value, column, width)]


def _pair(label: str, value: str, column: int, width: int) -> list[str]:
    lines = wrapped(value, width - column)
    if len(lines) == 1 and max(len(label) + GAP, column) + len(value) <= width:
        return [f"{label + ' ' * GAP:<{column}}{lines[0]}"]
    if len(label) + GAP > column or " " not in value or width - column < ROOM:
        return [*wrapped(label, width), *indented(wrapped(value, width - 4), 4)]
    return [f"{label if not number else '':<{column}}{line}" for number, line in enumerate(lines)]


def beside(blocks: Sequence[Sequence[str]], width: int) -> list[str]:
    """Blocks of lines next to each other, in columns of one width."""
    column = width // len(blocks)
    return ["".join(f"{cell:<{column}}" for cell in row).rstrip() for row in zip_longest(*blocks, fillvalue="")]


class Column(NamedTuple):
    """A column of a table: its heading, and whether it holds numbers, which stand at the right."""

    heading: str
    number: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, *, flexible: int) -> list[list[str]]:
    """The heading, then each row as its lines; the column of that number takes what is left, and wraps."""
    cells = [[column.heading for column in columns], *([clean(cell) for cell in row] for row in rows)]
    widths = [_width(column, [row[number] for row in cells], width * 2 // 5) for number, column in enumerate(columns)]
    widths[flexible] = max(width - sum(widths) + widths[flexible] - GAP * (len(columns) - 1), 12)
    return [_row(columns, row, widths) for row in cells]


def _width(column: Column, cells: Sequence[str], limit: int) -> int:
    """What the longest cell needs; words wrap at the limit."""
    longest = max(map(len, cells))
    return longest if column.number else min(longest, limit)


def _row(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int]) -> list[str]:
    parts = [wrapped(cell, size) for cell, size in zip(row, widths, strict=True)]
    lines = zip_longest(*parts, fillvalue="")
    return [(" " * GAP).join(_aligned(*cell) for cell in zip(line, columns, widths, strict=True)).rstrip() for line in lines]


def _aligned(cell: str, column: Column, width: int) -> str:
    return f"{cell:>{width}}" if column.number else f"{cell:<{width}}"


def indented(lines: Iterable[str], by: int) -> list[str]:
    """The lines, moved to the right."""
    return [" " * by + line if line else line for line in lines]
