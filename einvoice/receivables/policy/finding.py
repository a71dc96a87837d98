"""What is wrong with a policy: a fault or gap with its place and mend."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

Path = tuple[str | int, ...]


class Place(NamedTuple):
    """A place in a policy: its file or None, the line (from 1) or None, and the path of keys."""

    source: str | None = None
    line: int | None = None
    path: Path = ()

    def __str__(self) -> str:
        head = ":".join(str(part) for part in (self.source, self.line) if part is not None)
        return ": ".join(part for part in (head, written(self.path)) if part)


class Finding(NamedTuple):
    """A fault of a policy: `code` for programs, `text` and `mend` for people, `place` in the file."""

    code: str
    text: str
    mend: str
    place: Place = Place()

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.place), f"{self.text}; {self.mend}" if self.mend else self.text) if part)


class Fault(NamedTuple):
    """A fault whose place is known by its path of keys only."""

    path: Path
    code: str
    text: str
    mend: str


def written(path: Path) -> str:
    """A path as people write it: `flows.nl[2].offset`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def nearest(word: object, known: Iterable[str], *, what: str = "write one of") -> str:
    """A mend: the known word nearest to one that is not known, or all of them."""
    names = sorted(known)
    near = get_close_matches(str(word), names, n=1)
    return f"did you mean `{near[0]}`?" if near else f"{what} {', '.join(names)}" if names else ""
