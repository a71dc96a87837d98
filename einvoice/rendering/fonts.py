"""Fonts at hand: those that Typst carries, and the files in the folder fonts/ of a house style. None of the machine's are used."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

FOLDER = "fonts"


class Face(NamedTuple):
    """One face of a font; `path` is None for those that Typst carries, `style` is normal, italic or oblique."""

    family: str
    weight: int
    style: str
    path: Path | None


def faces(folder: Path | None) -> tuple[Face, ...]:
    """Every face that a page in this house style can be set in."""
    from typst import Fonts  # noqa: PLC0415 - only a style that names a font needs it

    own = folder / FOLDER if folder else None
    known = Fonts(include_system_fonts=False, font_paths=[own] if own and own.is_dir() else []).fonts()
    return tuple(Face(font.family, int(font.weight), str(font.style), Path(font.path) if font.path else None) for font in known)


def families(folder: Path | None) -> tuple[str, ...]:
    """The families of fonts at hand, the house's first."""
    found = sorted(faces(folder), key=lambda face: (face.path is None, face.family))
    return tuple(dict.fromkeys(face.family for face in found))


def states(folder: Path | None) -> tuple[tuple[str, int, int], ...]:
    """The font files of a house folder, each with what changes when it is replaced: what a compiler with these fonts is kept by."""
    own = folder / FOLDER if folder else None
    if own is None or not own.is_dir():
        return ()
    found = ((path.name, path.stat()) for path in sorted(own.rglob("*")) if path.is_file())
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in found)
