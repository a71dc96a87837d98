"""House style: logo, colour, font, foot and window of a letter, from the file style.toml of a house folder.

A key that the file lacks has the value of the package. An accent in which text could not be read on white is not refused: text is set
in `ink`, a shade of it that has a contrast of at least 4.5 : 1; rules and marks keep the colour of the house.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.errors import RenderError
from einvoice.rendering.contrast import WHITE, Colour, colour, mixed, readable
from einvoice.rendering.fonts import families
from einvoice.rendering.windows import names

FILE = "style.toml"
LOGOS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
"""How a logo's file ends, and its type."""
PAPERS = {"a4": "A4", "us-letter": "letter"}
"""Sheets of paper, and what style sheets call them."""
_BEGINS = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}
_MILLIMETRES = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72}


class Style(NamedTuple):
    """A house style; `logo` is a file of the folder, None for none, `footer` columns of lines."""

    logo: str | None = None
    logo_height: str = "18mm"
    accent: str = "#1d4f91"
    font: str = "Libertinus Serif"
    size: str = "9.5pt"
    paper: str = "a4"
    window: str = "din-5008-b"
    fold_marks: bool = True
    footer: tuple[tuple[str, ...], ...] = ()
    qr: bool = True

    @property
    def tint(self) -> str:
        """The ground of what is set off: white with a little of the accent."""
        return str(_tint(self.accent))

    @property
    def ink(self) -> str:
        """The accent as text is set in it, on white and on the tint."""
        return str(readable(colour(self.accent), _tint(self.accent)))

    @property
    def night_ink(self) -> str:
        """The accent as text is set in it on a dark screen."""
        return str(readable(colour(self.accent), NIGHT_TINT))


NIGHT_TINT = Colour(0x23, 0x29, 0x31)
"""The lightest ground of text on a dark screen."""


def _tint(accent: str) -> Colour:
    return mixed(colour(accent), WHITE, 0.07)


def load(folder: Path | None) -> Style:
    """The style of a house folder; the package's without one.

    Raises RenderError that names file, key and mend where a key is unknown or a value is none, and where logo or font are not there.
    """
    if folder is None:
        return Style()
    if not folder.is_dir():
        raise RenderError(f"{folder}: there is no such folder; make one with: einvoice render --init-template {folder}")
    file = folder / FILE
    style = Style()
    for key, value in (_stated(file) if file.exists() else {}).items():
        style = style._replace(**{key: _read(file, key, value)})
    return style


def _stated(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise RenderError(f"{file} cannot be read: {fault}; compare it with what einvoice render --init-template writes") from None


def _read(file: Path, key: str, value: object) -> Any:
    if key not in _READS:
        near = get_close_matches(key, _READS, n=1, cutoff=0.5)
        mend = f"did you mean {near[0]}?" if near else f"known are {', '.join(_READS)}"
        raise RenderError(f"{file}: there is no key {key}; {mend}")
    try:
        return _READS[key](value, file.parent)
    except ValueError as fault:
        raise RenderError(f"{file}: {key} is {value!r}: {fault}") from None


def _text(value: object, _folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("write text between quotation marks")
    return value.strip()


def _logo(value: object, folder: Path) -> str | None:
    if value == "":
        return None
    name = _text(value, folder)
    path = folder / name
    ending = path.suffix.lower()
    if ending not in LOGOS:
        raise ValueError("a logo is a .svg, .png or .jpg file; save it as one of these")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("a logo stands in the folder of the house style; copy it there")
    if not path.is_file():
        raise ValueError(f"there is no such file in {folder}; put it there, or leave the key out")
    with path.open("rb") as opened:
        begin = opened.read(4096)
    if not (begin.startswith(_BEGINS[ending]) if ending in _BEGINS else b"<svg" in begin or begin.startswith((b"<?xml", b"\xef\xbb\xbf<"))):
        raise ValueError(f"the file is no {ending[1:]} picture, whatever its name; save it as one")
    return name


def _length(least: str, most: str, value: object, folder: Path) -> str:
    text = _text(value, folder).replace(" ", "")
    if not _millimetres(least) - 1e-9 <= _millimetres(text) <= _millimetres(most) + 1e-9:
        raise ValueError(f"a length from {least} to {most}, such as {least}")
    return text


def _millimetres(text: str) -> float:
    """A length in millimetres, less than nothing where the text is none."""
    found = re.fullmatch(r"(\d{1,4}(?:\.\d{1,4})?)(mm|cm|in|pt)", text, re.ASCII)
    return float(found[1]) * _MILLIMETRES[found[2]] if found else -1.0


def _colour(value: object, folder: Path) -> str:
    try:
        return str(colour(_text(value, folder)))
    except ValueError:
        raise ValueError('write # and six hexadecimal digits, such as "#1d4f91"') from None


def _font(value: object, folder: Path) -> str:
    name = _text(value, folder)
    known = families(folder)
    found = next((family for family in known if family.lower() == name.lower()), None)
    if found is None:
        raise ValueError(f"no font has that name; put its .ttf or .otf file into {folder / 'fonts'}; known are {', '.join(known)}")
    return found


def _one_of(words: Callable[[], tuple[str, ...]], value: object, _folder: Path) -> str:
    if value not in words():
        raise ValueError(f"write one of {', '.join(words())}")
    return str(value)


def _yes_or_no(value: object, _folder: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError("write true or false, without quotation marks")
    return value


def _columns(value: object, _folder: Path) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list) or not all(isinstance(column, list) for column in value):
        raise ValueError('write columns of lines, such as [["Name", "Street"], ["IBAN"]]')
    if not all(isinstance(line, str) for column in value for line in column):
        raise ValueError("each line is text between quotation marks")
    if len(value) > 5:
        raise ValueError("a foot has at most five columns")
    return tuple(tuple(column) for column in value)


_READS: dict[str, Callable[[object, Path], Any]] = {
    "logo": _logo,
    "logo_height": partial(_length, "4mm", "60mm"),
    "accent": _colour,
    "font": _font,
    "size": partial(_length, "7pt", "14pt"),
    "paper": partial(_one_of, lambda: tuple(PAPERS)),
    "window": partial(_one_of, names),
    "fold_marks": _yes_or_no,
    "footer": _columns,
    "qr": _yes_or_no,
}
"""How each key is read, from its value and the folder."""
