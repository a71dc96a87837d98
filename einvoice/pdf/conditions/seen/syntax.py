"""The file as it stands: header, end, cross-reference tables, and how indirect objects and streams are written (ISO 32000-1, 7.5, 7.3).

The objects are found by reading the file from its beginning; of an object that is written twice the last counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pikepdf

from einvoice.pdf.conditions.seen.tokens import end_of_string
from einvoice.pdf.conditions.seen.values import integer

_EOL = b"\r\n"
_SPACE = rb"[\0\t\n\f\r ]"
_HEADER = re.compile(rb"%PDF-")
_OBJECT = re.compile(rb"(?<![0-9])(\d{1,10})(" + _SPACE + rb"++)(\d{1,5})(" + _SPACE + rb"++)obj(?![A-Za-z0-9])")
_BODY_END = re.compile(rb"\bendobj\b|(?<![^\s>\])])stream(?=[\r\n \t])|\([^()\\]*+(?:\\.[^()\\]*+)*+\)|\(", re.DOTALL)
_END_OF_STREAM = re.compile(_SPACE + rb"*+endstream")
_TABLE = re.compile(rb"xref(?<![a-z]xref)(" + _SPACE + rb"*)(?=\d)")


class Header(NamedTuple):
    """The first line, where it begins, and the line after it."""

    line: bytes
    offset: int
    comment: bytes
    place: str = "first lines of the file"


class End(NamedTuple):
    """How many bytes stand after the last end-of-file marker and its end of line; None where there is no marker."""

    rest: int | None
    place: str = "end of the file"


class Table(NamedTuple):
    """What separates the keyword `xref` from the first number."""

    gap: bytes
    place: str


class Written(NamedTuple):
    """An indirect object as it is written: its text without the stream, and whether its spacing is as PDF/A wants it."""

    text: bytes
    spaced: bool
    place: str
    stream: WrittenStream | None


class WrittenStream(NamedTuple):
    """A stream as it is written: its Length and its bytes counted, and the ends of line at its keywords."""

    stated: int | None
    counted: int
    begins_well: bool
    ends_well: bool
    place: str


def header(data: bytes) -> Header:
    """The header, wherever in the first kilobyte it is."""
    found = _HEADER.search(data, 0, 1_024)
    offset = found.start() if found else 0
    line, rest = _line(data, offset)
    return Header(line, offset, _line(data, rest)[0])


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    """A line, and where the next one begins."""
    end = re.compile(rb"\r\n|\r|\n").search(data, at)
    return (data[at : end.start()], end.end()) if end else (data[at:], len(data))


def end(data: bytes) -> End:
    """What stands after the last marker."""
    at = data.rfind(b"%%EOF")
    if at < 0:
        return End(None)
    rest = data[at + 5 :]
    return End(len(rest) - next(len(eol) for eol in (b"\r\n", b"\r", b"\n", b"") if rest.startswith(eol)))


def tables(data: bytes) -> tuple[Table, ...]:
    """The cross-reference tables, that is what follows `xref` at the start of a line or of the file's end."""
    return tuple(Table(found[1], f"byte {found.start()}") for found in _TABLE.finditer(data))


def written(pdf: pikepdf.Pdf, data: bytes, known: set[tuple[int, int]]) -> tuple[Written, ...]:
    """The objects of the file that stand in no object stream; `known` are the numbers of the objects that it has."""
    return tuple(made for key, made in dict(_written(pdf, data)).items() if key in known)


def _written(pdf: pikepdf.Pdf, data: bytes) -> Iterator[tuple[tuple[int, int], Written]]:
    at = 0
    while begin := _OBJECT.search(data, at):
        key = int(begin[1]), int(begin[3])
        place = f"object {key[0]} {key[1]}"
        text_end, keyword = _body(data, begin.end())
        stream, at = None, text_end
        if keyword == b"stream":
            stream, at = _stream(pdf, data, key, text_end + 6, place)
        closing = data.find(b"endobj", at)
        yield key, Written(data[begin.end() : text_end], _is_spaced(data, begin, closing), place, stream)
        at = max(closing + 6, at, begin.end())


def _body(data: bytes, at: int) -> tuple[int, bytes]:
    """Where the text of an object ends, and the keyword there."""
    while found := _BODY_END.search(data, at):
        if found[0][:1] != b"(":
            return found.start(), found[0]
        at = found.end() if len(found[0]) > 1 else end_of_string(data, found.end())
    return len(data), b""


def _is_spaced(data: bytes, begin: re.Match[bytes], closing: int) -> bool:
    """Single spaces in the first line, ends of line around it and around `endobj`.

    Before the `endobj` of an object that is nothing but a number none is asked for: programs that write a stream's Length so are
    many, and veraPDF does not ask either.
    """
    before = data[begin.start() - 1 : begin.start()] if begin.start() else b"\n"
    last = b"\n" if data[begin.end() : closing].strip().isdigit() else data[closing - 1 : closing]
    around = (before, data[begin.end() : begin.end() + 1], last, data[closing + 6 : closing + 7])
    return len(begin[2]) == len(begin[4]) == 1 and all(each and each in _EOL for each in around)


def _stream(pdf: pikepdf.Pdf, data: bytes, key: tuple[int, int], at: int, place: str) -> tuple[WrittenStream, int]:
    """The stream whose keyword ends there, and where it ends itself."""
    begins_well = data[at : at + 2] == b"\r\n" or data[at : at + 1] == b"\n"
    start = at + (2 if data[at : at + 2] == b"\r\n" else 1 if data[at : at + 1] in {b"\r", b"\n"} else 0)
    held = pdf.get_object(*key)
    stated = integer(held.get("/Length")) if isinstance(held, pikepdf.Stream) else None
    if stated is None or stated < 0 or not _END_OF_STREAM.match(data, start + stated):
        end = data.find(b"endstream", start)
        end = len(data) if end < 0 else end
    else:
        end = data.find(b"endstream", start + stated)
    return _measured(data, start, end, stated, begins_well, place), end + 9


def _measured(data: bytes, start: int, end: int, stated: int | None, begins_well: bool, place: str) -> WrittenStream:
    eol = 0
    if data[end - 1 : end] == b"\n":
        eol = 2 if data[end - 2 : end] == b"\r\n" and end - start - (stated or 0) > 1 else 1
    elif data[end - 1 : end] == b"\r":
        eol = 1
    return WrittenStream(stated, end - start - eol, begins_well, eol > 0, place)
