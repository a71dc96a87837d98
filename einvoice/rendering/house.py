"""A house folder: style.toml and those templates that the house changes; what it lacks is the package's."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from einvoice.errors import RenderError
from einvoice.rendering import style
from einvoice.rendering.style import Style

TEMPLATES = Path(__file__).with_name("templates")
"""The package's own."""


class House(NamedTuple):
    """A house style, and the folder that it comes from, None for the package's own."""

    folder: Path | None = None
    style: Style = Style()

    def own(self, name: str) -> Path | None:
        """The house's file of that name, None where it has none."""
        path = self.folder / name if self.folder else None
        return path if path and path.is_file() else None

    def template(self, name: str) -> str:
        """The text of a template: the house's, else the package's.

        Raises RenderError where the file is no text.
        """
        path = self.own(name) or TEMPLATES / name
        try:
            return path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise RenderError(f"{path} cannot be read: {fault}; save it as UTF-8 text") from None


def load(folder: Path | None = None) -> House:
    """The house of a folder, the package's own without one.

    Raises RenderError where the style is wrong.
    """
    return House(folder, style.load(folder))


def init(folder: Path) -> tuple[Path, ...]:
    """Copies style and templates of the package into a folder, with a README for whoever changes them; what was written.

    Raises RenderError, and writes nothing, where one of the files is there already or cannot be written.
    """
    names = sorted(path.name for path in TEMPLATES.iterdir() if path.is_file())
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise RenderError(f"{folder / there[0]} is there already and is not replaced; name another folder, or move it away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).write_bytes((TEMPLATES / name).read_bytes())
    except OSError as fault:
        raise RenderError(f"{fault.filename or folder} cannot be written: {fault.strerror}; name another folder") from None
    return tuple(folder / name for name in names)
