"""Withdraws messages that have surely not arrived: accepted, prepared, or tried where nothing left.

What may have arrived is not withdrawn: exit code 1, and the reason."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

USAGE = "ID… --reason TEXT"
EXAMPLES = """\
  einvoice peppol cancel 17 --reason 'paid in cash'
  einvoice peppol cancel 17 18 19 --reason 'wrong price'
"""


def options(parser: ArgumentParser) -> None:
    """What `peppol cancel` understands."""
    parser.add_argument("messages", metavar="ID", nargs="+", help="numbers or message ids")
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why, kept with the message")


def run(options: Namespace) -> int:
    """Withdraws each; 1 where one could not be."""
    from einvoice.cli.peppol.common import clock, found, opened
    from einvoice.cli.problems import tell
    from einvoice.database import connect
    from einvoice.errors import PeppolError
    from einvoice.settings import current
    from einvoice_peppol.sending import again

    code = 0
    with opened(current()) as engine:
        for name in options.messages:
            try:
                with connect(engine) as connection:
                    again.cancel(connection, found(connection, name).id, options.reason, clock())
            except PeppolError as fault:
                tell(fault)
                code = 1
            else:
                print(f"{name}: withdrawn")
    return code
