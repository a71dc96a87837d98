"""Shows or sets what may leave: nothing (dry-run), or everything where it belongs (live). It is one mode for all that leaves this machine.

To go live, it shows what waits and asks; without a terminal, repeat the word that it shows. Where reminders are sent from this database,
`einvoice receivables mode` sets it, because that shows what reminders would go out as well."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from einvoice.settings import Settings

USAGE = "[dry-run | live]"
EXAMPLES = """\
  einvoice peppol mode
  einvoice peppol mode live
  einvoice peppol mode dry-run
"""


def options(parser: ArgumentParser) -> None:
    """What `peppol mode` understands."""
    parser.add_argument("mode", nargs="?", choices=("dry-run", "live"))
    parser.add_argument("--confirm", metavar="WORD", help="of live: the word shown below the counts, to answer without being asked")
    parser.add_argument("--note", metavar="TEXT", help="why, kept with the mode")


def run(options: Namespace) -> int:
    """Sets the mode where one is named, and says which is in force."""
    from einvoice.cli.peppol.common import clock, opened, who
    from einvoice.database import connect
    from einvoice.outbox import mode
    from einvoice.settings import current

    settings = current()
    with opened(settings) as engine:
        if options.mode == "live":
            return _go_live(engine, settings, options)
        if options.mode == "dry-run":
            with connect(engine) as connection:
                mode.set_dry_run(connection, clock(), who(), options.note)
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
    from einvoice.cli.peppol.common import LIVE, clock, who
    from einvoice.database import connect, reading
    from einvoice.outbox import mode

    with reading(engine) as connection:
        counts = _counts(connection)
    word = mode.confirmation(counts)
    print("In mode live this goes out at the next run:")
    print("\n".join(f"  {name}  {count:,}" for name, count in counts.items()) if counts else "  nothing")
    given = options.confirm or _asked(word)
    if given is None:
        print(f"Nothing is changed. To go live: {LIVE} --confirm {word}")
        return 1
    with connect(engine) as connection:
        mode.set_live(connection, _counts(connection), given, clock(), who(), options.note)
    _say(engine, settings)
    return 0


def _counts(connection: Any) -> dict[str, int]:
    """What would go out: what waits in the outbox, and what was accepted and is not prepared yet.

    Raises PeppolError where there are creditors whose reminders would go out, too, which only the receivables can show.
    """
    from sqlalchemy import func, select

    from einvoice.errors import PeppolError
    from einvoice.outbox import mode
    from einvoice.receivables.store.tables import CREDITORS
    from einvoice_peppol.tables import OUTGOING

    if connection.execute(select(func.count()).select_from(CREDITORS)).scalar_one():
        raise PeppolError("reminders are sent from this database as well; go live with `einvoice receivables mode live`, which shows them")
    accepted = connection.execute(select(func.count()).where(OUTGOING.c.state == "accepted")).scalar_one()
    return mode.waiting(connection) | ({"peppol, to be prepared": accepted} if accepted else {})


def _asked(word: str) -> str | None:
    """The word that a person at a terminal types; None where nobody is asked, or the answer is no."""
    if not (sys.stdin and sys.stdin.isatty()):
        return None
    answer = input(f"Type {word} to go live, anything else to leave it: ").strip()
    return answer if answer == word else None
