"""The template of a page and its pieces as one text: each piece from the house folder, or from the package where the house has none.

A line such as `#import "tables.typ": *` is replaced by that file where it is imported first. Every line knows the file it came from.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from einvoice.rendering.house import House

MAIN = "invoice.typ"

_IMPORT = re.compile(r'\s*#import "([\w.-]+\.typ)": \*\s*')


class Template(NamedTuple):
    """The text, and where each of its lines stands: file and line, from 1."""

    text: bytes
    places: tuple[tuple[Path, int], ...]

    def place(self, line: int) -> tuple[Path, int] | None:
        """Where a line of the text, counted from 1, came from."""
        return self.places[line - 1] if 0 < line <= len(self.places) else None


def template(house: House) -> Template:
    """The template of a house.

    Raises RenderError where a file of it is no text.
    """
    return _gathered(house) if house.folder else _package()


@cache
def _package() -> Template:
    return _gathered(House())


def _gathered(house: House) -> Template:
    lines: list[str] = []
    places: list[tuple[Path, int]] = []
    seen: set[str] = set()

    def gather(name: str) -> None:
        seen.add(name)
        path = house.path(name) or Path(name)
        for number, line in enumerate(house.template(name).split("\n"), 1):
            found = _IMPORT.fullmatch(line)
            if found and house.path(found[1]):
                if found[1] not in seen:
                    gather(found[1])
            else:
                lines.append(line)
                places.append((path, number))

    gather(MAIN)
    return Template("\n".join(lines).encode(), tuple(places))
