"""Hands over what waits in the inbox, once: answers to who listens for them, documents to a folder.

`einvoice serve --app peppol` does the same as messages come. The folder is the setting [peppol] inbox unless --to names another; each
document is one file there, without its envelope, whole once its name is there. Without a folder only answers are handed over."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

USAGE = ""
EXAMPLES = """\
  einvoice inbox handover
  einvoice inbox handover --to incoming/
"""


def options(parser: ArgumentParser) -> None:
    """What `inbox handover` understands."""
    from einvoice.cli.inbox.common import format_option

    parser.add_argument("--to", metavar="FOLDER", help="where documents go; the setting [peppol] inbox unless told")
    format_option(parser)


def run(options: Namespace) -> int:
    """Hands over; 1 where something failed or is to be tried again."""
    import os
    import socket
    from pathlib import Path

    from einvoice.cli.inbox.means import after, handlers
    from einvoice.cli.printing import json_text
    from einvoice.cli.receivables.common import clock, opened
    from einvoice.settings import current
    from einvoice_peppol.bodies import spool
    from einvoice_peppol.inbox import hand_over

    settings = current()
    if options.to:
        settings = settings._replace(peppol=settings.peppol._replace(inbox=Path(options.to)))
    with opened(settings) as engine:
        worker = f"{socket.gethostname()[:50]}:{os.getpid()}"
        done = hand_over(engine, handlers(settings), worker, clock, spool(settings), after=after(settings))
    if options.format == "json":
        print(json_text(done._asdict(), indent=1))
    else:
        print(f"{done.handed:,} handed over, {done.retried:,} to be tried again, {done.failed:,} failed")
    return 1 if done.failed or done.retried else 0
