"""The connector at work: looks, decides, publishes, puts away. It may be killed between any two steps.

A file is read whole and named by its SHA-256. What is decided of it is one transaction: the journal, the ledger, the numbers of
invoices, what Peppol is to send; the files to publish are staged beside OUT before it is committed. Afterwards each step is a rename
that is done or not: staged files into OUT, where whoever takes them gets each once; then the file itself out of IN, looked at once more
and put back where it is another by now; then to DONE or REFUSED. A new start goes on with whatever is open.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from einvoice.database import connect, reading
from einvoice.errors import DatabaseError, EInvoiceError, SettingsError
from einvoice.settings import current
from einvoice_plugins.connector import journal, reasons, taking, views
from einvoice_plugins.connector.folders import INVOICES, OPEN_ITEMS, SOURCES, Folders, Stat, plain, sha256_of, stat_of
from einvoice_plugins.connector.journal import DECIDED, DECLINED, DONE, File
from einvoice_plugins.connector.looking import Found, Looks
from einvoice_plugins.connector.making import made
from einvoice_plugins.connector.reasons import Reason, Refused
from einvoice_plugins.connector.settings import Settings
from einvoice_plugins.connector.taking import Taken
from einvoice_plugins.connector.whole import unfinished

STEPS = (
    "view written", "view read", "copied", "made", "staged", "imported", "committed",
    "published one", "published", "reasons written", "lifted", "unmarked", "filed", "ended",
)  # fmt: skip
"""The steps of a file, in their order."""
_FEW = 50


def nothing(step: str) -> None:
    """Nobody listens."""


class Connector:
    """The connector over one folder and one database; only one works in a folder at a time (`lock`)."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        reached: Callable[[str], None] = nothing,
    ) -> None:
        self.settings = settings
        self.folders = Folders(settings.folder)
        self.looks = Looks(settings.files)
        self._engine = engine
        self._clock = clock
        self._reached = reached
        self._ending: list[tuple[File, str | None]] = []
        if settings.invoices.send:
            taking.peppol_is_set_up()
        self.folders.make()

    def look(self) -> Counter[str]:
        """Takes every file that may be taken now; how many were accepted, refused, repeated, or wait.

        Raises DatabaseError, SettingsError, OSError; what was decided before stays so.
        """
        counts: Counter[str] = Counter()
        self._recover()
        fault = self._read_views(counts)
        for source in SOURCES:
            for found in [*self.looks.at(self.folders, source)]:
                counts[self._take(found)] += 1
                if len(self._ending) >= _FEW:
                    self._end()
        self._end()
        self._look_back()
        if fault is not None:
            raise fault
        return +counts

    def _read_views(self, counts: Counter[str]) -> DatabaseError | None:
        """Reads the views; one that cannot be read keeps no file waiting, and is told afterwards."""
        try:
            counts["rows"] += views.pull(self._engine, self.settings, self.folders, self._clock(), self._reached)
        except DatabaseError as fault:
            return fault
        return None

    def _recover(self) -> None:
        """Goes on with whatever was decided and not done."""
        self.folders.tidy()
        with reading(self._engine) as connection:
            left = journal.unended(connection)
        for file in left:
            self._follow(file)
        for sha256 in [*self.folders.staged()]:
            if sha256 not in {file.sha256 for file in left}:
                self.folders.unstage(sha256)
        for source, path in [*self.folders.lifted()]:
            self._recover_lifted(source, path)
        for file in left:
            if stat_of(self.folders.incoming(file.source) / file.name) is None and file not in [each for each, _ in self._ending]:
                self._ending.append((file, self._filed(file)))
        self._end()

    def _recover_lifted(self, source: str, path: Path) -> None:
        sha256 = sha256_of(path)
        with reading(self._engine) as connection:
            file = journal.known(connection, source, sha256)
        if stat_of(self.folders.incoming(source) / path.name) is None:
            self.folders.unmark(source, path.name)
        if file is None:
            self.folders.put_back(source, path)
            return
        self._follow(file)
        self._filed_as(file, path)

    def _filed(self, file: File) -> str | None:
        """Where a file is that was put away before a kill; None where it is not there."""
        place = self.folders.place(file.source, file.name, file.sha256, file.state)
        return str(place.relative_to(self.folders.home)) if place.exists() else None

    def _take(self, found: Found) -> str:
        """One file: what became of it, in a word."""
        with self.folders.copied(found.path) as copied:
            if copied is None or copied[2] != found.stat:
                return "unreadable" if found.path.exists() and not os.access(found.path, os.R_OK) else "changing"
            place, sha256, stat = copied
            self._reached("copied")
            return self._took(found, Taken(found.source, plain(found.path.name), sha256, stat.size, place), stat)

    def _took(self, found: Found, file: Taken, stat: Stat) -> str:
        with reading(self._engine) as connection:
            before = journal.known(connection, found.source, file.sha256)
            repeated = before is not None and before.state == DONE
            if before is not None and repeated and found.source != INVOICES:
                repeated = journal.is_latest(connection, before)
        entry = before if before and (before.is_open or repeated) else self._decided(found, file, before)
        if entry is None:
            return "waiting"
        self._follow(entry)
        self._put_away(entry, found, stat)
        if entry.state == DECIDED and entry.source == OPEN_ITEMS:
            self.looks.hurry()
        return {DECIDED: "accepted", DECLINED: "refused"}.get(entry.state, "repeated")

    def _decided(self, found: Found, file: Taken, before: File | None) -> File | None:
        """What is decided of a file; None where it may wait."""
        assert file.copy is not None
        seems = None if found.marked else unfinished(*_ends(file.copy, file.size))
        if seems and self.looks.may_wait(found):
            return None
        try:
            if seems:
                mend = "hand in the whole file; if it is whole, say so with a marker: einvoice-connector retry makes one"
                raise Refused([Reason("half-file", seems, mend=mend)])
            entry = self._accepted(file)
        except Refused as refused:
            self.folders.unstage(file.sha256)
            half = found.source == INVOICES or any(reason.code in taking.HALF for reason in refused.reasons)
            if refused.may_mend and not (half and found.marked) and self.looks.may_wait(found):
                return None
            outcome = reasons.outcome(refused.reasons)
            with connect(self._engine) as connection:
                parts = (file.source, file.sha256, file.name, file.size)
                entry = journal.decide(connection, *parts, DECLINED, outcome, self._clock())
        self._reached("committed")
        if before is not None and before.filed:
            self._forget(self.folders.home / before.filed)
        return entry

    def _accepted(self, file: Taken) -> File:
        """Takes a file in, in one transaction.

        Raises Refused.
        """
        assert file.copy is not None
        desk = taking.Desk(self.settings, self.folders, self._clock(), self._reached)
        try:
            if file.source != INVOICES:
                with connect(self._engine) as connection:
                    return taking.open_items(connection, desk, file)
            if file.size > (most := current().documents.max_size):
                raise Refused([Reason("too-large", f"the file is larger than {most:,} bytes", mend="raise [documents] max_size")])
            found = made(file.copy.read_bytes(), file.name, self.settings.invoices)
            self._reached("made")
            with connect(self._engine) as connection:
                return taking.invoices(connection, desk, file, found)
        except (Refused, SettingsError, DatabaseError, DBAPIError, OSError, MemoryError):
            raise
        except EInvoiceError as fault:
            raise Refused(reasons.of(fault)) from fault
        except Exception as fault:  # one file that we fail on keeps nobody else waiting
            text = f"a fault of einvoice-toolkit itself ({type(fault).__name__}: {fault}); please report it with the file"
            raise Refused([Reason("fault", text)]) from fault

    def _follow(self, file: File) -> None:
        """Publishes what was decided, or says why it was refused; doing so again changes nothing."""
        if file.state == DECIDED:
            for name in file.outcome.get("publish", ()):
                self.folders.publish(file.sha256, name)
                self._reached("published one")
            self._reached("published")
            self.folders.unstage(file.sha256)
        elif file.state == DECLINED:
            place = self.folders.place(file.source, file.name, file.sha256, file.state)
            self.folders.put(place.with_name(f"{place.name}.reasons.json"), reasons.as_json(file.name, file.sha256, file.outcome))
            self.folders.put(place.with_name(f"{place.name}.reasons.txt"), reasons.as_text(file.name, file.outcome))
            self._reached("reasons written")

    def _put_away(self, file: File, found: Found, stat: Stat) -> None:
        """Takes a file out of IN, unless it is another by now."""
        name = found.path.name
        try:
            lifted = self.folders.lift(found.source, name)
        except FileNotFoundError:
            self._ending.append((file, None))
            return
        except PermissionError:  # somebody has it open, where that keeps it in its place: it is put away at another look
            return
        self._reached("lifted")
        if stat_of(lifted) != stat:
            self.folders.put_back(found.source, lifted)
            self._ending.append((file, None))
            return
        self.folders.unmark(found.source, name)
        self._reached("unmarked")
        self._filed_as(file, lifted)

    def _filed_as(self, file: File, path: Path) -> None:
        place = self.folders.place(file.source, plain(path.name), file.sha256, file.state)
        filed = self.folders.file(path, place)
        self._reached("filed")
        self._ending.append((file, filed))

    def _end(self) -> None:
        """Nothing is to be done of these files any more."""
        if ending := [(file, filed) for file, filed in self._ending if file.is_open]:
            self.folders.published()
            with connect(self._engine) as connection:
                journal.end(connection, ending, self._clock())
            self._reached("ended")
        self._ending.clear()

    def _look_back(self) -> None:
        """What somebody went on writing after it was put away is put back into IN."""
        since = self._clock() - timedelta(seconds=self.settings.files.patience)
        with reading(self._engine) as connection:
            lately = journal.ended_since(connection, since)
        for source, filed, size in lately:
            path = self.folders.home / filed
            stat = stat_of(path)
            if stat is not None and stat.size != size:
                self.folders.put_back(source, path)

    def _forget(self, refused: Path) -> None:
        """Removes the reasons for which a file was refused before."""
        if not refused.exists():
            for kind in ("json", "txt"):
                with suppress(FileNotFoundError):
                    refused.with_name(f"{refused.name}.reasons.{kind}").unlink()


def _ends(path: Path, size: int) -> tuple[bytes, bytes]:
    """The first and the last bytes of a file."""
    with path.open("rb") as file:
        begin = file.read(1024)
        file.seek(max(0, size - 1024))
        return begin, file.read(1024)
