"""The folders: files written aside and renamed, moved by rename, never over one that is there; every step may be the last.

IN/invoices  IN/open-items        what the ERP hands in
OUT                               what it gets: XML, hybrid PDF, verdict
DONE/…  REFUSED/…                 where its files are put away, the refused with their reasons
OUT/.staged/HASH  .work           what is on its way
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from stat import S_ISREG
from typing import NamedTuple

from einvoice_plugins.connector.journal import DECIDED, DONE

INVOICES, OPEN_ITEMS = "invoices", "open-items"
SOURCES = (OPEN_ITEMS, INVOICES)
"""The folders below IN, in the order in which they are worked through: debtors are known before invoices name them."""
READY = ".ready"
_LONGEST, _LONGEST_NAME = 120, 200  # bytes
_BLOCK = 1 << 20


class Stat(NamedTuple):
    """By what a file is told from itself after a change."""

    inode: int
    size: int
    changed: int


def stat_of(path: Path) -> Stat | None:
    """A file as it is now; None where there is none, or what is there is no file (a link is none)."""
    with suppress(OSError):
        found = path.lstat()
        if S_ISREG(found.st_mode):
            return Stat(found.st_ino, found.st_size, found.st_mtime_ns)
    return None


def _copied(path: Path, place: Path) -> tuple[Path, str, Stat] | None:
    digest = hashlib.sha256()
    with suppress(FileNotFoundError, PermissionError), path.open("rb") as file, place.open("wb") as into:
        before = _stat(file.fileno())
        while block := file.read(_BLOCK):
            digest.update(block)
            into.write(block)
        if _stat(file.fileno()) == before == stat_of(path):
            return place, digest.hexdigest(), before
    return None


def _stat(handle: int) -> Stat:
    found = os.fstat(handle)
    return Stat(found.st_ino, found.st_size, found.st_mtime_ns)


class Folders:
    """The connector's folders below one."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.staged_home = home / "OUT" / ".staged"
        self.work = home / ".work"

    def make(self) -> None:
        """Makes those that are missing."""
        for source in SOURCES:
            for folder in ("IN", "DONE", "REFUSED", ".work/moving"):
                (self.home / folder / source).mkdir(parents=True, exist_ok=True)
        self.staged_home.mkdir(parents=True, exist_ok=True)

    def incoming(self, source: str) -> Path:
        """Where the ERP puts files of a kind."""
        return self.home / "IN" / source

    def stage(self, sha256: str, parts: Mapping[str, bytes]) -> None:
        """Writes files that are published later; they are on the disk when this returns."""
        folder = self.staged_home / sha256
        folder.mkdir(exist_ok=True)
        for name, data in parts.items():
            _write(folder / name, data)
        sync(folder)
        sync(self.staged_home)

    def tidy(self) -> None:
        """Removes what a killed process left half written or copied."""
        for path in (*self.work.glob("*.part"), *(self.work / "taken").glob("*")):
            path.unlink(missing_ok=True)

    def unstage(self, sha256: str) -> None:
        """Drops what was staged for a file, and not published."""
        rmtree(self.staged_home / sha256, ignore_errors=True)

    def staged(self) -> Iterator[str]:
        """The hashes of files for which something is staged."""
        return (each.name for each in self.staged_home.iterdir())

    def publish(self, sha256: str, name: str) -> None:
        """Puts a staged file into OUT; one that is not staged any more was put there before."""
        with suppress(FileNotFoundError):
            (self.staged_home / sha256 / name).replace(self.home / "OUT" / name)

    def published(self) -> None:
        """Sees that what was put into OUT stays there when the power fails."""
        sync(self.home / "OUT")

    def put(self, place: Path, data: bytes) -> None:
        """Writes a file whole or not at all, over one that is there."""
        aside = self.work / f"{os.getpid()}.part"
        _write(aside, data)
        aside.replace(place)
        sync(place.parent)

    def lift(self, source: str, name: str) -> Path:
        """Takes a file out of IN, under the same name, to where nobody replaces it."""
        place = self.work / "moving" / source / name
        (self.incoming(source) / name).rename(place)
        return place

    def lifted(self) -> Iterator[tuple[str, Path]]:
        """What was taken out of IN and not put away, each with its source."""
        return ((source, path) for source in SOURCES for path in sorted((self.work / "moving" / source).iterdir()))

    def place(self, source: str, name: str, sha256: str, state: str) -> Path:
        """Where a file is put away by what was decided of it: over none that is another."""
        folder = self.home / ("DONE" if state in (DECIDED, DONE) else "REFUSED") / source
        place = folder / (name if len(os.fsencode(name)) <= _LONGEST_NAME else _longer(name, sha256))
        return folder / _longer(name, sha256) if place.exists() and sha256_of(place) != sha256 else place

    def file(self, path: Path, place: Path) -> str:
        """Puts a file away; where, below the connector's folder."""
        path.replace(place)
        return str(place.relative_to(self.home))

    @contextmanager
    def copied(self, path: Path) -> Iterator[tuple[Path, str, Stat] | None]:
        """A copy of a file as it is, its SHA-256, and how the file was; None where it changed meanwhile, or is gone."""
        place = self.work / "taken" / path.name
        place.parent.mkdir(exist_ok=True)
        try:
            yield _copied(path, place)
        finally:
            place.unlink(missing_ok=True)

    def put_back(self, source: str, path: Path) -> Path:
        """Puts a file into IN again, over none that is there."""
        folder = self.incoming(source)
        place, number = folder / path.name, 1
        while not _moved(path, place):
            number += 1
            place = folder / _longer(path.name, str(number))
        return place

    def unmark(self, source: str, name: str) -> None:
        """Removes the marker of a file."""
        if os.path.lexists(marker := marker_of(self.incoming(source) / name)):
            marker.unlink()


def marker_of(path: Path) -> Path:
    """What says that a file is whole."""
    return path.with_name(f"{path.name}{READY}")


def is_marked(path: Path) -> bool:
    """Whether a file has its marker; one whose name leaves no room for it has none."""
    return os.path.exists(marker_of(path))  # noqa: PTH110 - Path.exists raises for names that are too long


def plain(name: str) -> str:
    """A name as it can be written down, whatever bytes it has."""
    return os.fsencode(name).decode("utf-8", "replace")


def sync(folder: Path) -> None:
    """Brings a folder's names to the disk, where the system can."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _moved(path: Path, place: Path) -> bool:
    """Moves a file where none is; False where one is."""
    try:
        os.link(path, place)
    except FileExistsError:
        if path.exists() and place.exists() and path.samefile(place):  # killed between the two steps below
            path.unlink()
            return True
        return False
    except OSError:  # a file system without hard links
        if place.exists():
            return False
        path.rename(place)
        return True
    path.unlink()
    return True


def _longer(name: str, more: str) -> str:
    """The name with more in it, so that it is another, and short enough for what is added to it."""
    stem, dot, suffix = name.rpartition(".")
    kept = os.fsdecode(os.fsencode(stem or suffix)[:_LONGEST])
    return f"{kept}~{more[:8]}{dot if stem else ''}{suffix[:8] if stem else ''}"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
