"""Which of the eight masks a QR code is printed with: the one with the least penalty (ISO/IEC 18004:2015, 7.8.3), found in little time.

A symbol is one whole number: four light modules stand between its rows, so that a pattern at the edge has light beside it. All rows are
looked at in one step. A mask changes the same modules of every symbol of a version: what it changes is worked out once.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import segno

GAP = 4
MASKS = range(8)


class Mask(NamedTuple):
    """What a mask changes of a symbol with mask 0, by rows and by columns."""

    rows: int
    columns: int


class Version(NamedTuple):
    """What all symbols of a version share: their size, the modules that are not judged, where equal neighbours count, the masks."""

    size: int
    judged: tuple[int, int]
    beside: int
    below: int
    masks: tuple[Mask, ...]


def symbol(text: str) -> tuple[str, ...]:
    """The rows of the symbol of a text, 1 for dark: error correction M, in UTF-8, with the best mask."""
    made = _made(text, 0)
    known = _version(int(made.version))
    rows, columns = _numbers(made)
    best = min(MASKS, key=lambda number: _penalty(rows ^ known.masks[number].rows, columns ^ known.masks[number].columns, known))
    return _unpacked(rows ^ known.masks[best].rows, known.size)


def _made(text: str, mask: int, version: int | None = None) -> segno.QRCode:
    return segno.make(text, version=version, error="m", mask=mask, micro=False, boost_error=False, encoding="utf-8")


@cache
def _version(number: int) -> Version:
    size = 17 + 4 * number
    plain = _numbers(_made("0", 0, number))
    masks = []
    for mask in MASKS:
        rows, columns = _numbers(_made("0", mask, number))
        masks.append(Mask(rows ^ plain[0], columns ^ plain[1]))
    lines = [[_judged(row, column, size) for column in range(size)] for row in range(size)]
    judged = (_packed(lines), _packed([list(line) for line in zip(*lines, strict=True)]))
    inner = _packed([[column < size - 1 for column in range(size)] for _ in range(size)])
    upper = _packed([[row < size - 1] * size for row in range(size)])
    return Version(size, judged, inner, upper, tuple(masks))


def _judged(row: int, column: int, size: int) -> bool:
    """Format, version and the dark module between them are not there yet when masks are judged (7.8.1)."""
    near = (row == 8 and (column <= 8 or column >= size - 8)) or (column == 8 and (row <= 8 or row >= size - 8))
    version = size >= 45 and ((row < 6 and size - 11 <= column < size - 8) or (column < 6 and size - 11 <= row < size - 8))
    return (not near or row == 6 or column == 6) and not version


def _numbers(made: segno.QRCode) -> tuple[int, int]:
    """A symbol as a number by rows, and by columns."""
    lines = [list(line) for line in made.matrix]
    return _packed(lines), _packed([list(line) for line in zip(*lines, strict=True)])


def _packed(lines: list[list[int]] | list[list[bool]]) -> int:
    """Lines from the lowest bits on, the first module of each lowest."""
    text = ("0" * GAP).join("".join("1" if module else "0" for module in line) for line in lines)
    return int(text[::-1], 2)


def _unpacked(symbol: int, size: int) -> tuple[str, ...]:
    text = f"{symbol:0{size * (size + GAP)}b}"[::-1]
    return tuple(text[at * (size + GAP) :][:size] for at in range(size))


def _penalty(rows: int, columns: int, known: Version) -> int:
    rows, columns = rows & known.judged[0], columns & known.judged[1]
    dark = rows.bit_count() / known.size**2
    scores = (_runs(rows, known), _runs(columns, known), _blocks(rows, known), _finders(rows), _finders(columns))
    return sum(scores) + 10 * int(abs(dark * 100 - 50) / 5)


def _runs(symbol: int, known: Version) -> int:
    """Five modules and more of one colour in a row: 3 for five, 1 for each that follows."""
    same = ~(symbol ^ symbol >> 1) & known.beside
    five = same & same >> 1 & same >> 2 & same >> 3
    return five.bit_count() + 2 * (five & ~(five << 1)).bit_count()


def _blocks(symbol: int, known: Version) -> int:
    """Squares of two by two modules of one colour: 3 each."""
    step = known.size + GAP
    same = ~(symbol ^ symbol >> 1) & known.beside
    return 3 * (same & same >> step & ~(symbol ^ symbol >> step) & known.below).bit_count()


def _finders(symbol: int) -> int:
    """What looks like a finder pattern, 1 : 1 : 3 : 1 : 1, with four light modules before or after it: 40 each."""
    found = symbol & ~(symbol >> 1) & symbol >> 2 & symbol >> 3 & symbol >> 4 & ~(symbol >> 5) & symbol >> 6
    before = ~(symbol << 1 | symbol << 2 | symbol << 3 | symbol << 4)
    after = ~(symbol >> 7 | symbol >> 8 | symbol >> 9 | symbol >> 10)
    found &= before | after
    count, last = 0, -7
    while found:
        at = (found & -found).bit_length() - 1
        found &= found - 1
        if at - last >= 7:  # patterns share no module
            count, last = count + 1, at
    return 40 * count
