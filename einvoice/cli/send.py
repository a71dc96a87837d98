"""Sends invoices by Peppol: checks each, finds its receiver, wraps, signs, encrypts and sends it, and prints the proof that it arrived.

What is not valid is not sent, unless --override says why it goes out all the same; the reason is kept. --dry-run takes every step except
the last and keeps nothing. Before `einvoice peppol mode live` nothing leaves; what is submitted waits. Exit code: 0 all sent, 1 something
is invalid or nobody takes it, 2 something is not sent yet, or could not be judged or read; 2 wins."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from einvoice.cli import options as common

if TYPE_CHECKING:
    from einvoice.cli.peppol.delivery import Delivery

USAGE = "FILE…"
EXTRA = "peppol"
EXAMPLES = """\
  einvoice send invoice.xml
  einvoice send invoice.xml --dry-run
  einvoice send invoices/ --format json
  einvoice send invoice.xml --to 0208:0123456749 --override 'the buyer asked for it as it is'
  einvoice send invoice.xml --via peppyrus
"""


def options(parser: ArgumentParser) -> None:
    """What `send` understands."""
    common.files(parser)
    parser.add_argument("--to", metavar="PARTICIPANT", help="the receiver, as 0208:0123456749; the buyer's electronic address unless told")
    parser.add_argument("--via", metavar="NAME", help="by whom: as4, or a hosted access point; the setting [peppol] via unless told")
    parser.add_argument("--override", metavar="REASON", help="send it though it is not valid; the reason is kept with it")
    parser.add_argument("--dry-run", action="store_true", help="check, look up, wrap and sign, show each step, and send and keep nothing")
    common.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Sends each document, and prints what became of it."""
    import logging

    from einvoice.cli.peppol import delivery

    logging.getLogger("einvoice").addHandler(logging.NullHandler())  # what failed is told below
    done = delivery.rehearsed(options) if options.dry_run else delivery.delivered(options)
    if options.format == "json":
        from einvoice.cli.printing import json_text

        print(json_text([each.told() for each in done], indent=1))
    else:
        _print(done)
    return max((each.code for each in done), default=0)


def _print(done: list[Delivery]) -> None:
    """Each document with its steps; in the end how many there were."""
    from collections import Counter

    for each in done:
        print(each.name)
        for step, words in each.steps:
            print(f"  {step:9} {words}")
    if len(done) > 1:
        counts = Counter(each.outcome for each in done)
        print(f"{len(done):,} documents: " + ", ".join(f"{count:,} {word}" for word, count in counts.most_common()))
