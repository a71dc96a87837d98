"""Consent: notes that a debtor wants to be reached by a channel, or no longer; lists who said what.

The latest word on a channel holds, and what was said before stays. A withdrawal holds for messages that wait already. Answers such as
STOP, by SMS, WhatsApp or e-mail, withdraw consent by themselves."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work

USAGE = "give|withdraw DEBTOR CHANNEL --source TEXT | list [DEBTOR]"
EXAMPLES = """\
  einvoice receivables consent give 1001 whatsapp --source 'contract of 2026-03-01'
  einvoice receivables consent withdraw 1001 sms --source 'by telephone'
  einvoice receivables consent list
  einvoice receivables consent list 1001 --all
"""
CHANNELS = ("email", "sms", "whatsapp", "call", "computer_call", "letter", "registered_letter", "peppol")
_COLUMNS = ("debtor", "channel", "granted", "at", "source")


def options(parser: ArgumentParser) -> None:
    """What `receivables consent` understands."""
    from einvoice.cli.receivables.casework import shared

    parser.add_argument("what", choices=("give", "withdraw", "list"))
    parser.add_argument("debtor", metavar="DEBTOR", nargs="?", help="by its key")
    parser.add_argument("channel", metavar="CHANNEL", nargs="?", help=", ".join(CHANNELS))
    parser.add_argument("--source", metavar="TEXT", help="of give and withdraw: where and how it was said; kept as proof")
    parser.add_argument("--all", action="store_true", help="of list: everything that was said, not only what holds")
    shared(parser)


def run(options: Namespace) -> int:
    """Notes what was said, and lists what holds."""
    from einvoice.cli.receivables.casework import debtor_of, work

    if options.what != "list":
        _require(options)
    with work(options) as here:
        debtor = debtor_of(here, options.debtor) if options.debtor else None
        if options.what != "list":
            from einvoice.receivables.ledger.parties import consent

            source = f"{options.source} ({here.at.by})"
            consent(here.connection, int(debtor or 0), options.channel, options.what == "give", here.at.now, source)
        _list(here, debtor, options)
    return 0


def _require(options: Namespace) -> None:
    if not options.debtor or options.channel not in CHANNELS:
        raise ReceivablesError(f"say whose and by what: consent {options.what} DEBTOR CHANNEL; channels are {', '.join(CHANNELS)}")
    if not options.source:
        raise ReceivablesError("say where and how it was said: --source 'by telephone'")


def _list(here: Work, debtor: int | None, options: Namespace) -> None:
    from sqlalchemy import func, select

    from einvoice.cli.receivables.casework import show
    from einvoice.receivables.store.tables import CONSENTS, DEBTORS

    found: Any = (
        select(DEBTORS.c.key.label("debtor"), CONSENTS.c.channel, CONSENTS.c.granted, CONSENTS.c.at, CONSENTS.c.source)
        .join_from(CONSENTS, DEBTORS, DEBTORS.c.id == CONSENTS.c.debtor_id)
        .where(DEBTORS.c.creditor_id == here.creditor)
        .order_by(DEBTORS.c.key, CONSENTS.c.channel, CONSENTS.c.id)
    )
    if debtor is not None:
        found = found.where(CONSENTS.c.debtor_id == debtor)
    if not options.all:
        found = found.where(CONSENTS.c.id.in_(select(func.max(CONSENTS.c.id)).group_by(CONSENTS.c.debtor_id, CONSENTS.c.channel)))
    show(here.connection.execute(found).all(), _COLUMNS, options)
