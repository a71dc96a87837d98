"""The documents that a command names: files, folders, globs and standard input, in the order in which they were named."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar

from einvoice.cli.progress import progress
from einvoice.errors import EInvoiceError, Unreadable

if TYPE_CHECKING:
    from einvoice.formats.guard import Parsed

T = TypeVar("T")

DOCUMENTS = (".xml", ".pdf")
"""How the files end that a folder is searched for; a PDF without an invoice is an error there, too: it was not checked."""


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

    def given(self, max_size: int) -> tuple[str, Path | bytes | EInvoiceError]:
        """The name, and the file to read, the bytes of standard input (no more than one beyond the size), or what is wrong."""
        if self.fault or self.name != "-":
            return self.name, self.fault or Path(self.name)
        try:
            return self.name, sys.stdin.buffer.read(max_size + 1)
        except (AttributeError, OSError, ValueError) as fault:
            return self.name, Unreadable(f"standard input cannot be read: {fault}", mend="name a file, or pipe a document in")

    def parsed(self, max_size: int | None = None) -> Parsed:
        """The document, parsed; of a PDF, the XML that it carries.

        Raises DocumentError.
        """
        from einvoice.documents import parse

        return parse(self.open(), name=self.name, max_size=max_size)


def sources(names: Sequence[str], endings: tuple[str, ...] = DOCUMENTS) -> list[Source]:
    """Every document that the names lead to, in folders those with one of the endings.

    A name that leads to none is a source that says so when it is opened.
    """
    return [*walk(names, endings)]


def walk(names: Sequence[str], endings: tuple[str, ...] = DOCUMENTS) -> Iterator[Source]:
    """The same, each as it is found, so that a folder may hold any number."""
    return (source for name in names for source in _expanded(name, endings))


def results(
    names: Sequence[str], work: Callable[[Source], T], endings: tuple[str, ...] = DOCUMENTS
) -> Iterator[tuple[Source, T | Exception]]:
    """What the work gives for each document, or the error: one that fails does not stop the others."""
    found = sources(names, endings)
    return progress((_attempt(work, source) for source in found), len(found))


def _attempt(work: Callable[[Source], T], source: Source) -> tuple[Source, T | Exception]:
    try:
        return source, work(source)
    except Exception as fault:  # whatever it is, the other documents are to be worked on
        return source, fault


def _expanded(name: str, endings: tuple[str, ...]) -> Iterator[Source]:
    if name == "-":
        yield Source(name)
    elif Path(name).is_dir():
        yield from _folder(name, endings)
    elif not Path(name).exists() and any(sign in name for sign in "*?["):
        yield from _matches(name, endings)
    else:
        yield Source(name)


def _folder(name: str, endings: tuple[str, ...]) -> Iterator[Source]:
    empty = True
    for source in _within(Path(name), endings):
        empty = False
        yield source
    if empty:
        kinds = " and no ".join(f"*{ending}" for ending in endings)
        yield Source(name, Unreadable(f"the folder holds no {kinds}", mend="name its files, or another folder"))


def _within(folder: Path, endings: tuple[str, ...]) -> Iterator[Source]:
    """Such files in a folder and below, in the order of their names; a folder that cannot be opened is not passed over."""
    try:
        with os.scandir(folder) as found:
            entries = sorted((entry.name, entry.is_dir(follow_symlinks=False), entry.is_file()) for entry in found)
    except OSError as fault:
        yield Source(str(folder), Unreadable(f"the folder cannot be read: {fault.strerror}", mend="check its permissions"))
        return
    for name, is_folder, is_file in entries:
        if is_folder:
            yield from _within(folder / name, endings)
        elif is_file and name.lower().endswith(endings):
            yield Source(str(folder / name))


def _matches(pattern: str, endings: tuple[str, ...]) -> Iterator[Source]:
    from glob import glob

    found = sorted(glob(pattern, recursive=True))  # noqa: PTH207 - absolute patterns are welcome too
    if not found:
        yield Source(pattern, Unreadable("no file matches", mend="check the pattern; ** stands for any folders"))
    for name in found:
        yield from _expanded(name, endings)
