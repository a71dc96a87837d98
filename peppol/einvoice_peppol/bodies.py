"""Bodies of messages, durable before anybody is told: small ones in the row that names them, large ones in a file of the spool.

A file of the spool is named by the SHA-256 of what it holds; it is written aside, synchronised and renamed, so that a name that is
there is whole. A row refers to it only after that. A file `database-…` says for each database whose bodies stand there: who clears the
spool of what one database does not know must know that there is no other.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from einvoice.errors import PeppolError
from einvoice.settings import Settings

INLINE = 262_144
"""Bytes up to which a body stands in its row: a commit is quicker than a file, and memory is none the worse."""
_STEP = 1 << 20
_DAY = 86_400
_MARK, _ASIDE = "database-", "part-removed-"


class Body(NamedTuple):
    """A body: its bytes, or the file of the spool that holds them; its size and SHA-256 (hexadecimal)."""

    sha256: str
    size: int
    data: bytes | None = None
    file: str | None = None


class Bodies:
    """The spool: a folder, made where it is missing, for the user alone; `owner` names the database whose bodies they are."""

    def __init__(self, folder: Path, inline: int = INLINE, owner: str = "") -> None:
        self._folder = folder
        self._inline = inline
        self._mark = f"{_MARK}{hashlib.sha256(owner.encode()).hexdigest()[:16]}" if owner else ""

    def look(self) -> None:
        """Sees that a file can be written, and leaves none.

        Raises OSError where it cannot.
        """
        writer = self.writer()
        try:
            writer.write(bytes(self._inline + 1))
            writer.flush()
        finally:
            writer.drop()

    def tidy(self) -> int:
        """Removes what processes that were killed a day ago or longer left half written; how many files that was."""
        before, found = time.time() - _DAY, 0
        for part in self._folder.glob("part-*"):
            with suppress(OSError):  # somebody else tidies too
                if part.stat().st_mtime < before:
                    part.unlink()
                    found += 1
        return found

    def writer(self) -> BodyWriter:
        """Where a body is written to; nothing is kept until `keep`."""
        return BodyWriter(self._folder, self._inline, self._mark)

    def scratch(self) -> BinaryIO:
        """Room for bytes on their way that nobody keeps: in memory while they are few, then in a nameless file of the folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=2 * self._inline, dir=str(self._folder)))  # the caller closes it

    def of(self, data: bytes) -> Body:
        """Keeps bytes."""
        writer = self.writer()
        try:
            writer.write(data)
            return writer.keep()
        except BaseException:
            writer.drop()
            raise

    def open(self, body: Body) -> BinaryIO:
        """The bytes of a body, from their beginning.

        Raises PeppolError where the spool has lost them.
        """
        if body.data is not None:
            return BytesIO(body.data)
        try:
            return (self._folder / str(body.file)).open("rb")
        except OSError as fault:
            raise PeppolError(f"the spool {self._folder} lacks {body.file}: {fault.strerror}; bring it back from a backup") from None

    def drop(self, body: Body) -> None:
        """Removes the file of a body that no row refers to."""
        if body.file is not None:
            (self._folder / body.file).unlink(missing_ok=True)

    def others(self) -> list[str]:
        """The marks of other databases whose bodies stand here too."""
        return sorted(mark.name for mark in self._folder.glob(f"{_MARK}*") if mark.name != self._mark)

    def remove(self, name: str, before: datetime) -> bool:
        """Removes a file that nobody has written since a moment, and says whether it did.

        Whoever keeps the same bytes at this moment keeps them: the file is moved away before its age is looked at.
        """
        file, aside = self._folder / name, self._folder / f"{_ASIDE}{name}"
        with suppress(FileNotFoundError):
            file.rename(aside)
            if aside.stat().st_mtime < before.timestamp():
                aside.unlink()
                return True
            aside.replace(file)
        return False

    def files(self, before: datetime) -> set[str]:
        """The names of what was last written before a moment, unfinished files too."""
        if not self._folder.is_dir():
            return set()
        names = set()
        with os.scandir(self._folder) as found:
            for entry in found:
                with suppress(FileNotFoundError):  # a writer has just given it its name
                    if not entry.name.startswith(_MARK) and entry.is_file() and entry.stat().st_mtime < before.timestamp():
                        names.add(entry.name)
        return names


class BodyWriter:
    """A body being written; past the inline size it goes to a file. It is dropped unless it is kept."""

    def __init__(self, folder: Path, inline: int, mark: str = "") -> None:
        self._folder = folder
        self._inline = inline
        self._mark = mark
        self._held: BytesIO | None = BytesIO()
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Adds bytes."""
        self._hash.update(data)
        self.size += len(data)
        if self._held is not None and self.size > self._inline:
            self._spill()
        (self._held or self._file).write(data)  # type: ignore[union-attr]
        return len(data)

    def keep(self) -> Body:
        """Makes it durable, and names it.

        Raises OSError where it cannot be; then nothing of it is left.
        """
        digest = self._hash.hexdigest()
        if self._held is not None:
            return Body(digest, self.size, self._held.getvalue())
        assert self._file is not None
        assert self._path is not None
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            if self._mark:
                (self._folder / self._mark).touch()
            self._path.replace(self._folder / digest)
            synchronise(self._folder)
        except BaseException:
            self.drop()
            raise
        return Body(digest, self.size, file=digest)

    def flush(self) -> None:
        """Hands on to the system what was written.

        Raises OSError.
        """
        if self._file is not None:
            self._file.flush()

    def drop(self) -> None:
        """Forgets it; nothing of it is left, also where the disk is full."""
        if self._file is not None and self._path is not None:
            with suppress(OSError):  # what is still to be written has no room
                self._file.close()
            self._path.unlink(missing_ok=True)

    def _spill(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="part-", dir=self._folder)
        self._file, self._path = os.fdopen(handle, "wb", _STEP), Path(name)
        assert self._held is not None
        self._file.write(self._held.getvalue())
        self._held = None


def spool(settings: Settings) -> Bodies:
    """The spool of the settings: the folder that they name, else one beside the database's file, called like it with `-peppol` behind.

    Raises PeppolError where the database is no file and no folder is named.
    """
    named = settings.database.address().partition("?")[0]
    if not named.startswith("sqlite:///"):
        if settings.peppol.spool is None:
            raise PeppolError("[peppol] spool is not set, and the database is no file beside which it could be; name a folder there")
        return Bodies(settings.peppol.spool, owner=named.rpartition("@")[2])
    file = Path(named.removeprefix("sqlite:///")).resolve()
    return Bodies(settings.peppol.spool or file.with_name(f"{file.name}-peppol"), owner=str(file))


def synchronise(folder: Path) -> None:
    """Makes a rename durable; Windows needs and knows no such thing."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
