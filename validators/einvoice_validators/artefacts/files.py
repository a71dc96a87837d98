"""Where artefacts come from: a folder, or an archive (zip or jar). Nothing is unpacked by the names an archive gives itself.

What is wanted is read into memory, by name and within bounds, with what it refers to; the store then writes it under names of ours.
"""

from __future__ import annotations

import os
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from einvoice.errors import ArtefactError

MOST_FILES = 100_000
"""Entries that a folder or an archive may have before it is refused."""
LARGEST_FILE = 20_000_000
LARGEST_ARTEFACT = 60_000_000
LARGEST_ARCHIVE = 200_000_000
MOST_PARTS = 300
"""Files that one artefact may consist of: CII D16B has 50."""

ARCHIVES = (".zip", ".jar")
TEXTS = (".xslt", ".xsl", ".xsd")
_COMMENTS = re.compile(rb"<!--.*?-->", re.DOTALL)
_INCLUDED = re.compile(rb"""<(?:\w+:)?(?:import|include|redefine)\b[^>]*?\b(?:schemaLocation|href)\s*=\s*["']([^"']+)["']""")
_LOOKED_INTO = re.compile(rb"""\bdoc(?:ument)?\(\s*["']([^"'#:]+)["']""")


class Files(Protocol):
    """Files by their path, with `/` between its parts; `label` says where they come from."""

    label: str

    def names(self) -> list[str]:
        """Every path there is to choose from."""

    def has(self, name: str) -> bool:
        """Whether there is a file at a path, chosen or not."""

    def read(self, name: str) -> bytes:
        """The bytes at a path.

        Raises ArtefactError where there is none or it is too large.
        """


class Folder:
    """The files of a folder and below; links that lead elsewhere are not followed. `only` leaves all others out of `names`."""

    def __init__(self, path: Path, only: str | None = None) -> None:
        self.path, self.only = path, only
        self.label = str(path / only if only else path)

    def names(self) -> list[str]:
        """Every path below the folder."""
        return [self.only] if self.only else _bounded(self._walk(), self.label)

    def _walk(self) -> Iterator[str]:
        for here, folders, names in os.walk(self.path):
            folders.sort()
            for name in sorted(names):
                yield Path(here, name).relative_to(self.path).as_posix()

    def has(self, name: str) -> bool:
        """Whether there is a file at a path within the folder."""
        return is_safe(name) and (self.path / name).is_file()

    def read(self, name: str) -> bytes:
        """The bytes of a file within the folder."""
        path = self.path / name
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise ArtefactError(f"{path}: it leads out of {self.path}")
        try:
            with path.open("rb") as stream:
                return _within(stream.read(LARGEST_FILE + 1), str(path))
        except OSError as fault:
            raise ArtefactError(f"{path}: it cannot be read: {fault.strerror}") from None


class Archive:
    """The files of a zip or jar; its entries are read one by one, never unpacked."""

    def __init__(self, path: Path, label: str | None = None) -> None:
        """Raises ArtefactError where it is no archive, or one too large."""
        self.path, self.label = path, label or str(path)
        try:
            if path.stat().st_size > LARGEST_ARCHIVE:
                raise ArtefactError(f"{self.label}: it is larger than {LARGEST_ARCHIVE:,} bytes")
            with zipfile.ZipFile(path) as opened:
                self._names = _bounded((entry for entry in opened.namelist() if not entry.endswith("/")), self.label)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as fault:
            raise ArtefactError(f"{self.label}: it is no archive that can be read: {fault}") from None
        self._entries = frozenset(self._names)

    def names(self) -> list[str]:
        """Every entry that is a file."""
        return self._names

    def has(self, name: str) -> bool:
        """Whether there is an entry of that name."""
        return name in self._entries

    def read(self, name: str) -> bytes:
        """The bytes of an entry, of which no more than the bound is ever unpacked."""
        try:
            with zipfile.ZipFile(self.path) as opened, opened.open(name) as stream:
                return _within(stream.read(LARGEST_FILE + 1), f"{self.label}!{name}")
        except (OSError, KeyError, zipfile.BadZipFile, RuntimeError, ValueError, NotImplementedError, EOFError) as fault:
            raise ArtefactError(f"{self.label}!{name}: it cannot be read: {fault}") from None


def opened(path: Path) -> list[Files]:
    """What a path offers: an archive, a folder with the archives directly in it, or a single stylesheet or schema.

    Raises ArtefactError where it is none of these.
    """
    if path.is_dir():
        inner = [Archive(found) for found in sorted(path.iterdir()) if found.suffix.lower() in ARCHIVES and found.is_file()]
        return [Folder(path), *inner]
    if path.suffix.lower() in TEXTS and path.is_file():
        return [Folder(path.parent, path.name)]
    if path.is_file():
        return [Archive(path)]
    raise ArtefactError(f"{path}: there is no such file or folder")


def with_references(files: Files, name: str) -> dict[str, bytes]:
    """A stylesheet or schema and every file it refers to, by path; each path is relative and never leads upwards.

    Raises ArtefactError for what it includes from outside the source, and where there is too much.
    """
    found: dict[str, bytes] = {}
    wanted, size = [name], 0
    while wanted:
        at = wanted.pop()
        if at in found:
            continue
        if not is_safe(at):
            raise ArtefactError(f"{files.label}: {name} refers to {at}, which leads out of it")
        found[at] = files.read(at)
        size += len(found[at])
        if len(found) > MOST_PARTS or size > LARGEST_ARTEFACT:
            raise ArtefactError(f"{files.label}: {name} refers to more than {MOST_PARTS} files or {LARGEST_ARTEFACT:,} bytes")
        wanted += _referred(files, at, found[at])
    return found


def _referred(files: Files, at: str, data: bytes) -> Iterator[str]:
    """What a file includes, as paths of its source, and the files with code lists that it looks into, where they are there."""
    if not at.lower().endswith(TEXTS):
        return
    text = _COMMENTS.sub(b"", data)
    for match in _INCLUDED.finditer(text):
        path = _beside(at, match[1])
        if not files.has(path):
            raise ArtefactError(f"{files.label}: {at} includes {path}, which is not there; take the folder or archive that has both")
        yield path
    yield from (path for match in _LOOKED_INTO.finditer(text) if files.has(path := _beside(at, match[1])))


def _beside(at: str, reference: bytes) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(at), reference.decode("utf-8", "replace").strip()))


def is_safe(path: str) -> bool:
    """Whether a path is relative and never leads upwards, on any system."""
    parts = path.split("/")
    return bool(path) and not any(part in ("", ".", "..") or "\\" in part or ":" in part or "\0" in part for part in parts)


def _bounded(names: Iterator[str], label: str) -> list[str]:
    found = []
    for name in names:
        found.append(name)
        if len(found) > MOST_FILES:
            raise ArtefactError(f"{label}: it has more than {MOST_FILES:,} files")
    return found


def _within(data: bytes, label: str) -> bytes:
    if len(data) > LARGEST_FILE:
        raise ArtefactError(f"{label}: it is larger than {LARGEST_FILE:,} bytes")
    return data
