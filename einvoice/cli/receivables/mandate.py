"""Mandates of SEPA direct debit: keeps one that a debtor signed, ends one, lists them, takes them in from a file.

A consumer gives CORE mandates only. A mandate that is not used for 36 months expires. Another account is another mandate: cancel the
old one and add the new one."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work

USAGE = "add|cancel|list|import [REFERENCE|FILE]"
EXAMPLES = """\
  einvoice receivables mandate add M-1001 --debtor 1001 --account NL91ABNA0417164300 --signed 2026-09-01 --source 'paper, signed'
  einvoice receivables mandate import mandates.csv
  einvoice receivables mandate cancel M-1001
  einvoice receivables mandate list
"""
_COLUMNS = ("id", "debtor", "reference", "scheme", "iban", "signed_on", "last_used_on", "state")


def options(parser: ArgumentParser) -> None:
    """What `receivables mandate` understands."""
    from einvoice.cli.receivables.casework import shared
    from einvoice.cli.receivables.values import day

    parser.add_argument("what", choices=("add", "cancel", "list", "import"))
    parser.add_argument("name", metavar="REFERENCE|FILE", nargs="?", help="the mandate's reference; of import: a CSV file")
    parser.add_argument("--debtor", metavar="KEY", help="of add: who gives it; of list: whose")
    parser.add_argument("--account", metavar="IBAN", help="of add: the account that is debited")
    parser.add_argument("--bic", metavar="BIC", help="of add: its bank, where the account is outside the EEA")
    parser.add_argument("--holder", metavar="NAME", help="of add: whose account it is; the debtor's name unless told")
    parser.add_argument("--signed", type=day, metavar="DATE", help="of add: the day of signature")
    parser.add_argument("--scheme", choices=("CORE", "B2B"), default="CORE", help="of add: CORE unless told")
    parser.add_argument("--once", action="store_true", help="of add: for one collection only")
    parser.add_argument("--source", metavar="TEXT", help="where and how it was given")
    shared(parser)


def run(options: Namespace) -> int:
    """Does what is asked, and lists what stands."""
    from einvoice.cli.receivables.casework import debtor_of, show, work
    from einvoice.receivables.paying import mandates

    if options.what != "list" and not options.name:
        raise ReceivablesError(f"mandate {options.what} needs {'a file' if options.what == 'import' else 'a reference'}")
    with work(options) as here:
        _DO[options.what](here, options)
        debtor = debtor_of(here, options.debtor) if options.debtor else None
        show(mandates.listed(here.connection, here.creditor, debtor), _COLUMNS, options)
    return 0


def _add(here: Work, options: Namespace) -> None:
    from sqlalchemy import select

    from einvoice.cli.receivables.casework import debtor_of
    from einvoice.receivables.paying.mandates import MandateIn, create
    from einvoice.receivables.store.tables import DEBTORS

    lacking = [f"--{name}" for name in ("debtor", "account", "signed", "source") if not getattr(options, name)]
    if lacking:
        raise ReceivablesError(f"a mandate needs {', '.join(lacking)}")
    debtor = debtor_of(here, options.debtor)
    holder = options.holder or str(here.connection.scalar(select(DEBTORS.c.name).where(DEBTORS.c.id == debtor)))[:70]
    given = MandateIn(
        debtor, options.name, options.account, holder, options.signed, options.source, options.scheme, options.bic, not options.once
    )
    create(here.connection, here.creditor, given, here.at)


def _cancel(here: Work, options: Namespace) -> None:
    from einvoice.receivables.paying.mandates import cancel

    cancel(here.connection, here.creditor, options.name, here.at)


def _import(here: Work, options: Namespace) -> None:
    from einvoice.receivables.paying.importing import MOST, import_mandates

    path = Path(options.name)
    try:
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except OSError as fault:
        raise ReceivablesError(f"{path}: {fault.strerror}; name a CSV file") from None
    import_mandates(here.connection, here.creditor, data, options.source or f"imported from {path.name}", here.at)


def _nothing(here: Work, options: Namespace) -> None:
    """Only lists."""


_DO = {"add": _add, "cancel": _cancel, "import": _import, "list": _nothing}
