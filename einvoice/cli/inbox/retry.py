"""Has messages that failed tried again, from now, as if they had just come; the next hand-over takes them.

Mend first what the reason names: `einvoice inbox show MESSAGE` says it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

USAGE = "MESSAGE… | --failed"
EXAMPLES = """\
  einvoice inbox retry 17
  einvoice inbox retry --failed
"""


def options(parser: ArgumentParser) -> None:
    """What `inbox retry` understands."""
    from einvoice.cli.inbox.common import message_argument

    message_argument(parser, "*")
    parser.add_argument("--failed", action="store_true", help="everything that failed")


def run(options: Namespace) -> int:
    """Puts them back in line."""
    from einvoice.cli.receivables.common import clock, opened
    from einvoice.database import connect
    from einvoice.errors import PeppolError
    from einvoice_peppol.inbox import browsing

    if bool(options.message) == options.failed:
        raise PeppolError("name the messages that are to be tried again, or all that failed with --failed")
    with opened() as engine, connect(engine) as connection:
        if options.failed:
            rows = browsing.listing(connection, states=["failed"], most=1_000_000)
        else:
            rows = [browsing.find(connection, which) for which in options.message]
        for row in rows:
            browsing.retry(connection, row, clock())
    print(f"{len(rows):,} to be tried again")
    return 0
