"""Mailboxes that bounces and answers arrive in: a Maildir, or a mailbox of an IMAP server.

Each mail is looked at once. It is marked only after what it tells is committed, so that a crash between has it read again, which
changes nothing. Mails of programs are marked as seen, those of people are left unseen for whoever reads the mailbox.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from einvoice.database import connect
from einvoice.errors import ReceivablesError
from einvoice.receivables.aftermath import Receipts
from einvoice.receivables.incoming.bounces import MOST, read
from einvoice.receivables.incoming.hearing import hear
from einvoice.receivables.incoming.imap import Arrived, signed_in
from einvoice.settings import Settings

_log = logging.getLogger(__name__)
SOURCE = "bounces"
Progress = Callable[[str, int], object]


class Mailbox(Protocol):
    """Where mails arrive."""

    def arrived(self) -> Iterator[Arrived]:
        """The mails that were not looked at yet. Raises ReceivablesError where the mailbox cannot be read."""

    def done(self, name: str, *, seen: bool) -> None:
        """Marks a mail as looked at, and as seen where no person needs to read it. Raises ReceivablesError."""


class MaildirBox:
    """A Maildir: mails that were looked at go from `new` to `cur`."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "new").is_dir():
            raise ReceivablesError(f"{folder} is no Maildir: it has no folder `new`; name the one that mail is delivered to")
        self._folder = folder

    def arrived(self) -> Iterator[Arrived]:
        """The mails in `new`, by name; a mail that somebody moved meanwhile is left out."""
        try:
            names = sorted(path.name for path in (self._folder / "new").iterdir() if path.is_file())
        except OSError as fault:
            raise ReceivablesError(f"{self._folder}: {fault.strerror}; see that it is there and may be read") from None
        for name in names:
            if name.startswith("."):
                continue
            try:
                with (self._folder / "new" / name).open("rb") as file:
                    data = file.read(MOST)
            except OSError as fault:
                _log.warning("%s in %s cannot be read: %s", name, self._folder, fault.strerror)
                continue
            yield Arrived(name, data)

    def done(self, name: str, *, seen: bool) -> None:
        """Moves a mail to `cur`."""
        target = f"{name.partition(':')[0]}:2,{'S' if seen else ''}"
        try:
            (self._folder / "new" / name).rename(self._folder / "cur" / target)
        except FileNotFoundError:
            return  # somebody else moved it
        except OSError as fault:
            raise ReceivablesError(f"{self._folder}/new/{name} cannot be moved to cur: {fault.strerror}") from None


def boxes(settings: Settings) -> tuple[AbstractContextManager[Mailbox], ...]:
    """The mailboxes that the settings name; each is opened when it is entered."""
    bounces = settings.bounces
    found: list[AbstractContextManager[Mailbox]] = []
    if bounces.maildir is not None:
        found.append(_maildir(bounces.maildir))
    if bounces.host is not None:
        found.append(signed_in(bounces))
    return tuple(found)


@contextmanager
def _maildir(folder: Path) -> Iterator[Mailbox]:
    yield MaildirBox(folder)


def _silent(_phase: str, _done: int) -> None:
    """Nobody watches."""


def look(engine: Engine, settings: Settings, now: datetime, law: Receipts, progress: Progress = _silent) -> Mapping[str, int]:
    """Reads what arrived in every mailbox of the settings; counts `mails`, and news by what became of them.

    One mail is one transaction. A mail that cannot be read is left for a person. Raises DatabaseError, and ReceivablesError where a
    mailbox cannot be read: what was read before stays read.
    """
    counts: Counter[str] = Counter()
    for box in boxes(settings):
        with box as opened:
            for mail in opened.arrived():
                seen = _heard(engine, mail, now, law, counts)
                opened.done(mail.name, seen=seen)
                counts["mails"] += 1
                progress("bounces", counts["mails"])
    return dict(sorted(counts.items()))


def _heard(engine: Engine, mail: Arrived, now: datetime, law: Receipts, counts: Counter[str]) -> bool:
    """Hears what a mail tells; whether no person needs to read it."""
    try:
        news = read(mail.data)
    except Exception as fault:
        _log.warning("the mail %s could not be read (%s); it is left for a person", mail.name, type(fault).__name__)
        counts["unreadable"] += 1
        return False
    with connect(engine) as connection:
        counts.update(hear(connection, SOURCE, news, now, law))
    counts.update(f"of kind {one.kind}" for one in news)
    return all(one.kind != "reply" for one in news)
