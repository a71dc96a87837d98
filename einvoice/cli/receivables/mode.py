"""Shows or sets what may leave: nothing (dry-run), everything to one address (redirect), or everything where it belongs (live).

To go live, it shows what would go out today by step and channel and asks; without a terminal, repeat the word that it shows."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from einvoice.settings import Settings

USAGE = "[dry-run | redirect ADDRESS | live]"
EXAMPLES = """\
  einvoice receivables mode
  einvoice receivables mode redirect me@acme.example
  einvoice receivables mode live
  einvoice receivables mode dry-run
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables mode` understands."""
    parser.add_argument("mode", nargs="?", choices=("dry-run", "redirect", "live"))
    parser.add_argument("address", metavar="ADDRESS", nargs="?", help="of redirect: where everything goes")
    parser.add_argument("--confirm", metavar="WORD", help="of live: the word shown below the counts, to answer without being asked")
    parser.add_argument("--note", metavar="TEXT", help="why, kept with the mode")


def run(options: Namespace) -> int:
    """Sets the mode where one is named, and says which is in force."""
    from einvoice.cli.receivables.common import clock, opened, who
    from einvoice.database import connect
    from einvoice.outbox import mode
    from einvoice.settings import current

    settings = current()
    if (options.mode == "redirect") != bool(options.address):
        raise ReceivablesError("write an address with redirect, and only there: einvoice receivables mode redirect me@example.com")
    with opened(settings) as engine:
        if options.mode == "live":
            return _go_live(engine, settings, options)
        with connect(engine) as connection:
            if options.mode == "dry-run":
                mode.set_dry_run(connection, clock(), who(), options.note)
            elif options.mode == "redirect":
                mode.set_redirect(connection, options.address, clock(), who(), options.note)
        _say(engine, settings)
    return 0


def _say(engine: Engine, settings: Settings) -> None:
    from einvoice.database import reading
    from einvoice.outbox import mode

    with reading(engine) as connection:
        stated, held = mode.current(connection), mode.effective(connection, settings.sending)
    print(f"mode: {held}")
    if held != stated:
        print(f"  the database says {stated}; [sending] mode = {settings.sending.mode!r} of the settings keeps it lower")


def _go_live(engine: Engine, settings: Settings, options: Namespace) -> int:
    from einvoice.cli.receivables.common import clock, table, who
    from einvoice.database import connect
    from einvoice.outbox import mode

    counts = _today(engine, settings)
    word = mode.confirmation(counts)
    print("In mode live this goes out today, by creditor, step and channel:")
    print("\n".join(table(counts)) if counts else "  nothing")
    given = options.confirm or _asked(word)
    if given is None:
        print(f"Nothing is changed. To go live: einvoice receivables mode live --confirm {word}")
        return 1
    with connect(engine) as connection:
        mode.set_live(connection, counts, given, clock(), who(), options.note)
    _say(engine, settings)
    return 0


def _asked(word: str) -> str | None:
    """The word that a person at a terminal types; None where nobody is asked, or the answer is no."""
    if not (sys.stdin and sys.stdin.isatty()):
        return None
    answer = input(f"Type {word} to go live, anything else to leave it: ").strip()
    return answer if answer == word else None


def _today(engine: Engine, settings: Settings) -> dict[str, int]:
    """What would go out today: of every creditor's plan, and what waits in the outbox already."""
    from sqlalchemy import select

    from einvoice.cli.receivables.common import clock, policy_of
    from einvoice.database import reading
    from einvoice.outbox import mode
    from einvoice.receivables import law
    from einvoice.receivables.channels.installed import installed
    from einvoice.receivables.day import expected, planned, setting
    from einvoice.receivables.store.tables import CREDITORS

    with reading(engine) as connection:
        keys = list(connection.scalars(select(CREDITORS.c.key).order_by(CREDITORS.c.key)))
        counts = {f"waiting: {name}": count for name, count in mode.waiting(connection).items()}
    policy, here = policy_of(settings), frozenset(installed(settings))
    for key in keys:
        found = planned(setting(engine, key, policy, law.load(), settings, clock))
        counts |= {f"{key} {name}": count for name, count in expected(found.actions, here).items()}
    return counts
