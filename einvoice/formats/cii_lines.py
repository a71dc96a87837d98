"""Lines within lines in CII: side by side in the document, each naming its parent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from einvoice.model.unread import Unread

if TYPE_CHECKING:
    from einvoice.formats.facts import Walk


class SubLine:
    """A line within another, seen as one more line that names its parent."""

    __slots__ = ("line", "parent")

    def __init__(self, line: Any, parent: str | None) -> None:
        self.line = line
        self.parent = parent

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


def flat(lines: tuple[Any, ...], parent: Any = None) -> Iterator[Any]:
    """Every line, each followed by the lines within it: CII lists them side by side."""
    for line in lines:
        yield line if parent is None else SubLine(line, parent.identifier)
        if line.lines:
            yield from flat(line.lines, line)


def nested(lines: list[dict[str, Any]], walk: Walk) -> list[dict[str, Any]]:
    """Lines within the nearest line before them that has the identifier they name; else side by side."""
    top: list[dict[str, Any]] = []
    seen: dict[str, dict[str, Any]] = {}
    for line in lines:
        name = line.pop("parent", None)
        parent = seen.get(name) if name else None
        if name and parent is None:
            walk.unread.append(Unread(f"//ram:ParentLineID[. = '{name}']", name, "no line before it has this identifier"))
        (top if parent is None else parent.setdefault("lines", [])).append(line)
        if "identifier" in line:
            seen[line["identifier"]] = line
    return top
