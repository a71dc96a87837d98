"""A statement of account of a debtor: opening balance, everything booked, closing balance, what is open and how late.

As text, as a letter (pdf), as UBL Statement-2 (xml) or with every figure (json); equal to the ledger on the last day, to the cent. A
debtor who owes in several currencies has an account for each: text and json show them all, of pdf and xml name one with --currency."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work
    from einvoice.receivables.statement import Account, Statement

USAGE = "DEBTOR"
EXAMPLES = """\
  einvoice receivables statement 1001
  einvoice receivables statement 1001 --since 2026-01-01 --until 2026-03-31 --format pdf -o statement.pdf
  einvoice receivables statement 1001 --format xml -o statement.xml
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables statement` understands."""
    from einvoice.cli.receivables.common import creditor_option
    from einvoice.cli.receivables.values import day

    parser.add_argument("debtor", metavar="DEBTOR", help="the key of whose account")
    parser.add_argument("--since", type=day, metavar="DATE", help="the first day; that of the first booking unless told")
    parser.add_argument("--until", type=day, metavar="DATE", help="the last day; today unless told")
    parser.add_argument("--currency", metavar="CUR", help="only this account")
    parser.add_argument("--format", choices=("text", "pdf", "xml", "json"), default="text", help="text unless told")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to; standard output unless told")
    creditor_option(parser)
    parser.set_defaults(what="show", by=None)


def run(options: Namespace) -> int:
    """Writes the statement."""
    from einvoice.cli.receivables.casework import debtor_of, work
    from einvoice.cli.receivables.files import put
    from einvoice.receivables import statement

    with work(options) as here:
        debtor = debtor_of(here, options.debtor)
        made = statement.read(here.connection, here.creditor, debtor, options.since, options.until or here.at.day)
        wanted = [account for account in made.accounts if options.currency in (None, account.currency)]
        if not wanted:
            what = f" in {options.currency}" if options.currency else ""
            raise ReceivablesError(f"nothing was booked of debtor {options.debtor}{what} through {made.until}; there is nothing to state")
        data = _FORMATS[options.format](here, made._replace(accounts=tuple(wanted)))
    put(data, options.output, text=options.format != "pdf")
    return 0


def _text(here: Work, made: Statement) -> bytes:
    from einvoice.receivables.documents.plain import text

    return "\n\n".join(text(_content(here, made, account)) for account in made.accounts).encode()


def _pdf(here: Work, made: Statement) -> bytes:
    from einvoice.receivables.documents.facts import party
    from einvoice.receivables.documents.letter import pdf
    from einvoice.receivables.documents.parties import postal
    from einvoice.rendering import house
    from einvoice.settings import current

    account, style = _only(made), house.load(current().rendering.templates)
    who, _, contact = party(here.connection, here.creditor, made.debtor, channel="letter")
    lines = (made.name, *postal(contact.address if contact is not None else None))
    sender = (str(who.creditor["name"]), *postal(who.creditor["address"]))
    return pdf(_content(here, made, account), lines, here.at.day, style, sender=sender, templates=_templates())


def _xml(here: Work, made: Statement) -> bytes:
    from sqlalchemy import select

    from einvoice.receivables import exports
    from einvoice.receivables.documents.facts import party
    from einvoice.receivables.store.tables import DEBTORS

    who, _, contact = party(here.connection, here.creditor, made.debtor)
    debtor = here.connection.execute(select(DEBTORS).where(DEBTORS.c.id == made.debtor)).one()
    return exports.statement(made, _only(made), who.creditor, debtor, contact)


def _json(here: Work, made: Statement) -> bytes:
    del here
    from einvoice.cli.printing import json_text
    from einvoice.receivables.actions import to_json

    return (json_text(to_json(made), indent=1) + "\n").encode()


def _content(here: Work, made: Statement, account: Account) -> Any:
    from einvoice.receivables.documents.facts import party
    from einvoice.receivables.stating import stated

    who, *_ = party(here.connection, here.creditor, made.debtor)
    return stated(who._replace(templates=_templates()), made, account)


def _templates() -> Any:
    from einvoice.receivables.documents.templates import load
    from einvoice.settings import current

    return load(current().receivables.templates)


def _only(made: Statement) -> Account:
    if len(made.accounts) > 1:
        named = ", ".join(account.currency for account in made.accounts)
        raise ReceivablesError(f"there are accounts in {named}; name one with --currency")
    return made.accounts[0]


_FORMATS = {"text": _text, "pdf": _pdf, "xml": _xml, "json": _json}
