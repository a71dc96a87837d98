"""Runs every creditor's day at start and then by a schedule, until it is ended (SIGTERM, Ctrl-C). Needs the extra `service`.

Cron does as well: `*/30 6-20 * * * einvoice receivables run`."""

from __future__ import annotations

import signal
from argparse import ArgumentParser, Namespace
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from einvoice.settings import Settings

USAGE = ""
EXAMPLES = """\
  einvoice receivables service
  einvoice receivables service --every '0 7-18 * * 1-5' --zone Europe/Amsterdam
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables service` understands."""
    parser.add_argument("--every", metavar="CRON", help="when to run: five fields, six with seconds first; '*/30 6-20 * * *' unless told")
    parser.add_argument(
        "--zone", metavar="ZONE", default="Europe/Brussels", help="the time zone of the schedule; Europe/Brussels unless told"
    )


def run(options: Namespace) -> int:
    """Serves until it is told to stop."""
    from einvoice.cli.receivables.common import opened
    from einvoice.receivables.service import EVERY, Schedule, serve
    from einvoice.settings import current

    settings, stop = current(), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with opened(settings) as engine:
        schedule = Schedule(options.every or EVERY, options.zone)
        serve(lambda: _everyone(engine, settings, stop), settings.database.address(), schedule, stop)
    return 0


def _everyone(engine: Engine, settings: Settings, stop: Event) -> None:
    """The day of each creditor, one after the other; the policy is read anew each time."""
    from sqlalchemy import select

    from einvoice.cli.problems import tell
    from einvoice.cli.receivables.common import clock, policy_of
    from einvoice.cli.receivables.run import text
    from einvoice.database import reading
    from einvoice.errors import EInvoiceError
    from einvoice.receivables import law
    from einvoice.receivables.run import run as run_day
    from einvoice.receivables.store.tables import CREDITORS

    with reading(engine) as connection:
        keys = list(connection.scalars(select(CREDITORS.c.key).order_by(CREDITORS.c.key)))
    for key in keys:
        if stop.is_set():
            return
        try:
            report = run_day(engine, key, policy_of(settings), law.load(), settings, clock=clock)
        except EInvoiceError as fault:
            tell(fault, key)
        else:
            print("\n".join(text(report)), flush=True)
