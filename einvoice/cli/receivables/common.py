"""What the verbs of the receivables share: the database, the creditor, the policy, the clock."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from einvoice.errors import ReceivablesError, SettingsError
from einvoice.settings import Settings, current

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from einvoice.receivables.policy import Policy

PAUSE = 0.2  # seconds between two lines of progress


def creditor_option(parser: ArgumentParser) -> None:
    """Whose receivables."""
    parser.add_argument("--creditor", metavar="KEY", help="whose receivables; that of the settings, or the only one, unless told")


def clock() -> datetime:
    """What time it is: the one place where the command line looks at the clock."""
    return datetime.now(UTC)


def who() -> str:
    """Who is at the keyboard, as it is kept with what they do."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Engine]:
    """The database of the settings, closed at the end.

    Raises DatabaseError, SettingsError.
    """
    from einvoice.database import open_database

    engine = open_database((settings or current()).database.address())
    try:
        yield engine
    finally:
        engine.dispose()


def creditor_key(connection: Connection, wanted: str | None, settings: Settings | None = None) -> str:
    """The key of the creditor that is meant: the one named, that of the settings, or the only one.

    Raises ReceivablesError where there is none such, or several and none is named.
    """
    from sqlalchemy import select

    from einvoice.receivables.store.tables import CREDITORS

    keys = list(connection.scalars(select(CREDITORS.c.key).order_by(CREDITORS.c.key)))
    named = wanted or (settings or current()).receivables.creditor
    if not keys:
        raise ReceivablesError("there is no creditor yet; add one with: einvoice receivables creditor add KEY --name NAME --country XX")
    if named is None and len(keys) > 1:
        raise ReceivablesError(f"there are several creditors: {', '.join(keys)}; name one with --creditor KEY")
    if named is not None and named not in keys:
        raise ReceivablesError(f"there is no creditor {named!r}; there are: {', '.join(keys)}")
    return named or keys[0]


def creditor(connection: Connection, options: Namespace) -> int:
    """The id of the creditor that the option names, the settings, or the only one.

    Raises ReceivablesError as `creditor_key` does.
    """
    from sqlalchemy import select

    from einvoice.receivables.store.tables import CREDITORS

    key = creditor_key(connection, options.creditor)
    return int(connection.execute(select(CREDITORS.c.id).where(CREDITORS.c.key == key)).scalar_one())


def policy_of(settings: Settings) -> Policy:
    """The policy of the settings, or the one that comes with this release.

    Raises PolicyError for what it says, SettingsError where its file cannot be read.
    """
    from einvoice.receivables import policy

    path = settings.receivables.policy
    if path is None:
        return policy.default()
    try:
        return policy.load(path)
    except OSError as fault:
        raise SettingsError(f"[receivables] policy: {path}: {fault.strerror}; name a file that is there, or leave it out") from None


def watched() -> Callable[[str, int], None]:
    """Shows how far a run is, where somebody watches."""
    if not sys.stderr.isatty():
        return lambda _phase, _done: None
    drawn = [0.0]

    def show(phase: str, done: int) -> None:
        if monotonic() - drawn[0] > PAUSE:
            drawn[0] = monotonic()
            sys.stderr.write(f"\r\x1b[K{phase}: {done:,}\r")
            sys.stderr.flush()

    return show


def table(counts: Mapping[str, int], indent: str = "  ") -> list[str]:
    """Counts as lines, names on the left, numbers on the right."""
    wide = max((len(name) for name in counts), default=0)
    digits = max((len(f"{count:,}") for count in counts.values()), default=0)
    return [f"{indent}{name:<{wide}}  {count:>{digits},}" for name, count in counts.items()]
