"""The template of a page and its pieces as one text: each piece from the house folder, or from the package where the house has none.

A line such as `#import "tables.typ": *` is replaced by that file where it is imported first. Every line knows the file it came from.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from einvoice.rendering.house import TEMPLATES, House

MAIN = "invoice.typ"

_IMPORT = re.compile(r'\s*#import "([\w.-]+\.typ)": \*\s*')


class Template(NamedTuple):
    """What Typst is given, and where each line of a text comes from: file and line, from 1.

    The package's own is a path: Typst reads a file once that does not change.
    """

    source: bytes | Path
    places: tuple[tuple[Path, int], ...]

    def place(self, line: int) -> tuple[Path, int] | None:
        """Where a line of the text, counted from 1, came from."""
        return self.places[line - 1] if 0 < line <= len(self.places) else None


def template(house: House) -> Template:
    """The template of a house.

    Raises RenderError where a file of it is no text.
    """
    return _gathered(house) if house.folder else Template(TEMPLATES / MAIN, ())


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
