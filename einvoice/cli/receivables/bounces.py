"""Bounces: reads the mailboxes that bounces and answers arrive in, and says what came of it; lists what is still kept.

A mailbox is a Maildir or one of an IMAP server, set below [bounces]. A run does the same before it plans. Each mail is looked at once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from collections.abc import Mapping

USAGE = "read | list"
EXAMPLES = """\
  einvoice receivables bounces read
  einvoice receivables bounces read --format json
  einvoice receivables bounces list
"""
_COLUMNS = ("id", "received_at", "source", "kind", "result")


def options(parser: ArgumentParser) -> None:
    """What `receivables bounces` understands."""
    parser.add_argument("what", choices=("read", "list"), help="list: what was heard and could not be followed up yet, from any source")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless told")


def run(options: Namespace) -> int:
    """Reads, or lists; 1 where a mail could not be read."""
    from einvoice.cli.receivables.common import opened

    with opened() as engine:
        if options.what == "list":
            from sqlalchemy import select

            from einvoice.cli.receivables.casework import show
            from einvoice.database import reading
            from einvoice.receivables.store.tables import INCOMING

            with reading(engine) as connection:
                kept = select(*(INCOMING.c[name] for name in _COLUMNS)).where(INCOMING.c.settled_at.is_(None)).order_by(INCOMING.c.id)
                show(connection.execute(kept).all(), _COLUMNS, options)
            return 0
        from einvoice.cli.receivables.common import clock, watched
        from einvoice.receivables import law
        from einvoice.receivables.incoming.mailboxes import boxes, look
        from einvoice.settings import current

        if not boxes(current()):
            raise ReceivablesError("no mailbox is set; write maildir, or host, user and password, below [bounces] in einvoice.toml")
        counts = look(engine, current(), clock(), law.load(), watched())
    _say(counts, options)
    return 1 if counts.get("unreadable") else 0


def _say(counts: Mapping[str, int], options: Namespace) -> None:
    from einvoice.cli.printing import json_text
    from einvoice.cli.receivables.common import table

    if options.format == "json":
        print(json_text(dict(counts), indent=1))
    else:
        print("\n".join(table(counts, "")) or "nothing arrived")
