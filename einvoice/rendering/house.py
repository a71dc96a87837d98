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

    def path(self, name: str) -> Path | None:
        """The file of a template: the house's, else the package's; None where neither has it, and for what leads outside."""
        if Path(name).name != name or "\\" in name:
            return None
        places = [self.folder / name] if self.folder else []
        return next((path for path in (*places, TEMPLATES / name) if path.is_file()), None)

    def template(self, name: str) -> str:
        """The text of a template.

        Raises RenderError where there is none, and where the file is no text.
        """
        path = self.path(name)
        if path is None:
            raise RenderError(f"there is no template {name}; the package has {', '.join(_names())}")
        try:
            return path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise RenderError(f"{path} cannot be read: {fault}; save it as UTF-8 text") from None


def _names() -> list[str]:
    return sorted(path.name for path in TEMPLATES.iterdir() if path.is_file())


def load(folder: Path | None = None) -> House:
    """The house of a folder, the package's own without one.

    Raises RenderError where the style is wrong.
    """
    return House(folder, style.load(folder))


def init(folder: Path) -> tuple[Path, ...]:
    """Copies style and templates of the package into a folder, with a README for whoever changes them; what was written.

    Raises RenderError, and writes nothing, where one of the files is there already or cannot be written.
    """
    names = _names()
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
