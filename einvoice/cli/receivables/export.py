"""What a debtor owes as XML for other programs: a UBL Reminder-2, or the e-invoice that its country takes as a reminder.

An e-invoice is EHF Reminder 3.0 for receivers in Norway; elsewhere there is one only where a step newly claims interest or costs, and it
is made by the run. Nothing is sent. A statement of account as UBL Statement-2 is `einvoice receivables statement --format xml`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from einvoice.errors import ReceivablesError

USAGE = "reminder|einvoice DEBTOR"
EXAMPLES = """\
  einvoice receivables export reminder 1001 -o reminder.xml
  einvoice receivables export reminder 1001 --invoice 2026-0017
  einvoice receivables export einvoice 2001 --currency NOK -o ehf.xml
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables export` understands."""
    from einvoice.cli.receivables.common import creditor_option

    parser.add_argument("kind", choices=("reminder", "einvoice"))
    parser.add_argument("debtor", metavar="DEBTOR", help="the key of who owes")
    parser.add_argument(
        "--invoice", metavar="NUMBER", action="append", default=[], help="only this one; again for more; all open ones unless told"
    )
    parser.add_argument("--currency", metavar="CUR", help="only what is owed in it")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to; standard output unless told")
    creditor_option(parser)
    parser.set_defaults(what="show", by=None)


def run(options: Namespace) -> int:
    """Writes the document."""
    from einvoice.cli.receivables.casework import debtor_of, invoice_of, work
    from einvoice.cli.receivables.files import put
    from einvoice.receivables import exports
    from einvoice.receivables.exports.asking import asked

    with work(options) as here:
        debtor = debtor_of(here, options.debtor)
        invoices = [invoice_of(here, number) for number in options.invoice]
        found, action, contact = asked(here.connection, here.creditor, debtor, invoices, here.at.day, here.at.now, options.currency)
        data = exports.reminder(found, action, contact) if options.kind == "reminder" else exports.einvoice(found, action, contact)
    if data is None:
        raise ReceivablesError(f"debtor {options.debtor}: its country takes no reminder as an e-invoice; export a reminder instead")
    put(data, options.output, text=True)
    return 0
