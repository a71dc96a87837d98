"""Takes messages up again that were refused, failed, withdrawn, given up, or whose next attempt is not to be waited for.

What surely did not arrive is prepared anew, with another look at where it goes. What may have arrived goes again as the same bytes under
the same message id, by which its receiver knows it. They leave with the next `einvoice peppol run`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

USAGE = "ID…"
EXAMPLES = """\
  einvoice peppol resend 17
  einvoice peppol resend 17 --certain
"""


def options(parser: ArgumentParser) -> None:
    """What `peppol resend` understands."""
    parser.add_argument("messages", metavar="ID", nargs="+", help="numbers or message ids")
    certain = "it is certain that nothing arrived, because the receiver was asked: prepare it anew in any case"
    parser.add_argument("--certain", action="store_true", help=certain)


def run(options: Namespace) -> int:
    """Takes each up; 1 where one could not be."""
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
                    state = again.resend(connection, found(connection, name).id, clock(), certain=options.certain)
            except PeppolError as fault:
                tell(fault)
                code = 1
            else:
                print(f"{name}: {'is prepared anew' if state == 'accepted' else 'the same bytes go again'}")
    return code
