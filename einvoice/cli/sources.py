"""The documents that a command names: files, folders, globs and standard input, in the order in which they were named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar

from einvoice.cli.progress import progress
from einvoice.errors import EInvoiceError, Unreadable

if TYPE_CHECKING:
    from einvoice.formats.guard import Parsed

T = TypeVar("T")


class Source(NamedTuple):
    """One document: the name that the user knows it by ("-" is standard input), and what is wrong with that name, if anything."""

    name: str
    fault: EInvoiceError | None = None

    def open(self) -> Path | BinaryIO:
        """What to read it from.

        Raises Unreadable where the name leads nowhere.
        """
        if self.fault:
            raise self.fault
        return sys.stdin.buffer if self.name == "-" else Path(self.name)

    def parsed(self, max_size: int | None = None) -> Parsed:
        """The document, parsed.

        Raises DocumentError.
        """
        from einvoice.formats.guard import parse

        return parse(self.open(), name=self.name, max_size=max_size)


def sources(names: Sequence[str]) -> list[Source]:
    """Every document that the names lead to; a name that leads to none is a source that says so when it is opened."""
    return [source for name in names for source in _expanded(name)]


def results(names: Sequence[str], work: Callable[[Source], T]) -> Iterator[tuple[Source, T | Exception]]:
    """What the work gives for each document, or the error: one that fails does not stop the others."""
    found = sources(names)
    return progress((_attempt(work, source) for source in found), len(found))


def _attempt(work: Callable[[Source], T], source: Source) -> tuple[Source, T | Exception]:
    try:
        return source, work(source)
    except Exception as fault:  # whatever it is, the other documents are to be worked on
        return source, fault


def _expanded(name: str) -> Iterator[Source]:
    if name == "-":
        yield Source(name)
    elif Path(name).is_dir():
        yield from _folder(name)
    elif not Path(name).exists() and any(sign in name for sign in "*?["):
        yield from _matches(name)
    else:
        yield Source(name)


def _folder(name: str) -> Iterator[Source]:
    found = sorted(path for path in Path(name).rglob("*") if path.suffix.lower() == ".xml" and path.is_file())
    if not found:
        yield Source(name, Unreadable("the folder holds no *.xml", mend="name its files, or another folder"))
    yield from (Source(str(path)) for path in found)


def _matches(pattern: str) -> Iterator[Source]:
    from glob import glob

    found = sorted(glob(pattern, recursive=True))  # noqa: PTH207 - absolute patterns are welcome too
    if not found:
        yield Source(pattern, Unreadable("no file matches", mend="check the pattern; ** stands for any folders"))
    for name in found:
        yield from _expanded(name)
