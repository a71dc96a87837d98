"""Makes a link to pay for invoices of one debtor: the page behind it shows what is open when it is opened, and the ways to pay.

The same invoices give the same link. Its address begins with [hooks] url; `einvoice serve --app hooks` serves it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from einvoice.errors import ReceivablesError

USAGE = "INVOICE…"
EXAMPLES = """\
  einvoice receivables paylink 2026-0017
  einvoice receivables paylink 2026-0017 2026-0021 --language fr
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables paylink` understands."""
    from einvoice.cli.receivables.casework import shared

    parser.add_argument("invoices", metavar="INVOICE", nargs="+", help="numbers of invoices of one debtor in one currency")
    parser.add_argument("--language", choices=("en", "nl", "de", "fr"), help="of the page; the debtor's unless told")
    shared(parser)


def run(options: Namespace) -> int:
    """Makes the link and prints it."""
    from einvoice.cli.printing import json_text
    from einvoice.cli.receivables.casework import invoices_of, work
    from einvoice.receivables.paying import links
    from einvoice.settings import current

    base = current().hooks.url
    if base is None:
        raise ReceivablesError('links lead to this installation; write its address below [hooks]: url = "https://pay.example.com"')
    with work(options) as here:
        debtor, invoices = invoices_of(here, options.invoices)
        token = links.make(here.connection, here.creditor, debtor, invoices, options.language, here.at.day)
        asked = links.asked(here.connection, token)
    assert asked is not None, "it was just made"
    if options.format == "json":
        print(json_text({"url": links.url(base, token), "amount": str(asked.amount), "currency": asked.currency}, indent=1))
    else:
        print(f"{links.url(base, token)}  {asked.amount} {asked.currency}")
    return 0
