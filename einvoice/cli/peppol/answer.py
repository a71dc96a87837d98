"""Answers an invoice that came: a Peppol Invoice Response to its sender, by the way that it came.

AB received, IP in process, UQ under query, CA conditionally accepted, RE rejected, AP accepted, PD paid. UQ, CA and RE need a reason.
It is submitted and goes out with the next `einvoice peppol run`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from einvoice_peppol.answers.answer import Clarification

USAGE = "MESSAGE STATUS"
EXAMPLES = """\
  einvoice peppol answer 17 AP
  einvoice peppol answer 17 UQ --reason REF --text "order number 4711 is missing"
  einvoice peppol answer 17 RE --reason PRI --term BT-146=9.99 --action NIN
"""
STATUSES = ("AB", "IP", "UQ", "CA", "RE", "AP", "PD")
REASONS = ("NON", "REF", "LEG", "REC", "QUA", "DEL", "PRI", "QTY", "ITM", "PAY", "UNR", "FIN", "PPD", "OTH")
ACTIONS = ("NOA", "PIN", "NIN", "CNF", "CNP", "CNA", "OTH")
_MOST = 50_000_000


def options(parser: ArgumentParser) -> None:
    """What `peppol answer` understands."""
    from einvoice.cli.inbox.common import format_option, message_argument

    message_argument(parser)
    parser.add_argument("status", choices=STATUSES, metavar="STATUS", help=f"what is answered: {', '.join(STATUSES)}")
    parser.add_argument("--reason", choices=REASONS, metavar="CODE", help=f"why: {', '.join(REASONS)}")
    parser.add_argument("--text", metavar="WORDS", help="the reason in words")
    parser.add_argument(
        "--term", action="append", default=[], metavar="BT-N=VALUE", help="a term it is about, and the value it should have"
    )
    parser.add_argument("--action", choices=ACTIONS, metavar="CODE", help=f"what is wanted: {', '.join(ACTIONS)}")
    parser.add_argument("--effective", type=date.fromisoformat, metavar="DATE", help="from when it holds")
    parser.add_argument("--note", metavar="WORDS", help="a note to the whole answer")
    format_option(parser)


def run(options: Namespace) -> int:
    """Submits the answer."""
    import einvoice
    from einvoice.cli.printing import json_text
    from einvoice.cli.receivables.common import clock, opened
    from einvoice.database import connect
    from einvoice.errors import PeppolError
    from einvoice.settings import current
    from einvoice_peppol.answers import creating
    from einvoice_peppol.answers.giving import give
    from einvoice_peppol.bodies import spool
    from einvoice_peppol.inbox import browsing
    from einvoice_peppol.inbox.incoming import incoming

    settings = current()
    with opened(settings) as engine, connect(engine) as connection:
        came = incoming(browsing.find(connection, options.message), spool(settings))
        if came.kind != "invoice":
            raise PeppolError(f"message {came.id} is no invoice but {came.kind}; an Invoice Response answers invoices")
        invoice, now = einvoice.read(came.document(_MOST)), clock()
        said = _clarifications(options)
        answer = creating.to_invoice(
            invoice, options.status, came, now, clarifications=said, effective=options.effective, note=options.note
        )
        country = settings.peppol.country or (invoice.buyer.address.country_code if invoice.buyer and invoice.buyer.address else None)
        if not country:
            raise PeppolError("the buyer's country is not known; set [peppol] country")
        row = give(connection, answer, came.id, country, now, spool(settings), via=came.via)
    told = {"id": row, "answers": came.id, "status": options.status, "invoice": answer.reference, "to": answer.receiver.id}
    if options.format == "json":
        print(json_text(told))
    else:
        print(f"{options.status} to {answer.reference} of {answer.receiver.id} waits as {row}; it leaves with: einvoice peppol run")
    return 0


def _clarifications(options: Namespace) -> list[Clarification]:
    from einvoice.errors import PeppolError
    from einvoice_peppol.answers.answer import ACTIONS as WANTED
    from einvoice_peppol.answers.answer import REASONS as WHY
    from einvoice_peppol.answers.answer import Clarification, Condition

    terms = []
    for stated in options.term:
        term, _, value = stated.partition("=")
        if not term.startswith(("BT-", "BG-")):
            raise PeppolError(f"{stated!r} names no business term; write --term BT-9=2026-12-31")
        terms.append(Condition(term, value or None))
    if (options.text or terms) and not options.reason:
        raise PeppolError("--text and --term say more of a reason; add --reason CODE")
    found = [Clarification(options.reason, WHY, options.text, tuple(terms))] if options.reason else []
    return found + ([Clarification(options.action, WANTED)] if options.action else [])
