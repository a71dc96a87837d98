"""Where in a TOML file each key stands: what a fault is shown at. The file is parsed by `tomllib`; this only finds lines."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TABLE = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")
_KEY = re.compile(r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=(.*)$")
_PART = re.compile(r"[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'")
_QUOTES = ('"""', "'''")
_FAULT = re.compile(r"at line (\d+)")


def lines(text: str) -> Mapping[tuple[str, ...], int]:
    """The line, from 1, of every table and key by its path; texts over several lines count where they begin."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    closing = ""
    for number, line in enumerate(text.splitlines(), 1):
        if closing:
            closing = "" if closing in line else closing
        elif match := _TABLE.match(line):
            table = _parts(match[1])
            found.setdefault(table, number)
        elif match := _KEY.match(line):
            found.setdefault((*table, *_parts(match[1])), number)
            closing = _opened(match[2])
    return found


def _parts(written: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(written))


def _opened(value: str) -> str:
    """The quotes of a text that goes on over the next lines."""
    begun = value.strip()
    quotes = next((each for each in _QUOTES if begun.startswith(each)), "")
    return quotes if quotes and quotes not in begun[3:] else ""


def fault_line(message: str) -> int | None:
    """The line that a fault of the TOML parser names."""
    match = _FAULT.search(message)
    return int(match[1]) if match else None
