"""SEPA direct debits: shows what would be collected, announces it, makes the file for the bank, reads the bank's report.

Nothing leaves before `mode live`: `plan` only shows; `announce` puts pre-notifications into the outbox, which the next run sends;
`export` writes a pain.008 of what was announced in time. A collection stands in one file, however often it is exported."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work

USAGE = "plan|announce|export|report|cancel|list [ID|FILE]"
EXAMPLES = """\
  einvoice receivables debit plan
  einvoice receivables debit announce
  einvoice receivables debit export --out bank/
  einvoice receivables debit report pain002.xml
  einvoice receivables debit cancel 17
  einvoice receivables debit list
"""
_COLUMNS = ("id", "debtor", "amount", "due", "sequence", "state", "announced_on", "batch", "reason")
_MOST = 64 * 2**20


def options(parser: ArgumentParser) -> None:
    """What `receivables debit` understands."""
    from einvoice.cli.receivables.casework import shared

    parser.add_argument("what", choices=tuple(_DO))
    parser.add_argument("name", metavar="ID|FILE", nargs="?", help="of cancel: a collection; of report: the bank's file (pain.002)")
    parser.add_argument("--out", metavar="FOLDER", type=Path, help="of export: where the file goes; the folder you are in unless told")
    parser.add_argument("--file", metavar="ID", help="of export: write this file again, the same bytes")
    shared(parser)


def run(options: Namespace) -> int:
    """Does what is asked."""
    from einvoice.cli.receivables.casework import work

    with work(options) as here:
        written = _DO[options.what](here, options)
    for path, data in written or ():  # what is handed over is committed first: never a file of what was not
        _write(path, data)
        print(path)
    return 0


def _plan(here: Work, options: Namespace) -> None:
    """Shows what `announce` would announce; writes nothing."""
    from sqlalchemy import select

    from einvoice.cli.printing import json_text
    from einvoice.receivables.paying.proposing import propose
    from einvoice.receivables.store.tables import DEBTORS

    found = propose(here.connection, here.creditor, here.policy, here.at.day)
    names = {row.id: row.key for row in here.connection.execute(select(DEBTORS.c.id, DEBTORS.c.key))} if found.proposed else {}
    lines: list[dict[str, Any]] = [
        {
            "debtor": names[one.debtor],
            "amount": str(one.amount),
            "due": str(one.due),
            "sequence": one.sequence,
            "invoices": len(one.invoices),
        }
        for one in found.proposed
    ]
    if options.format == "json":
        print(json_text({"collections": lines, "left": dict(found.left)}, indent=1))
        return
    for line in lines:
        print(f"{line['due']}  {line['amount']:>12} EUR  {line['sequence']}  {line['debtor']} ({line['invoices']} invoices)")
    print(f"{len(lines)} collections; left out: {', '.join(f'{count} {why}' for why, count in found.left.items()) or 'nothing'}")


def _announce(here: Work, options: Namespace) -> None:
    from einvoice.outbox import mode
    from einvoice.receivables.channels.installed import installed
    from einvoice.receivables.documents import templates
    from einvoice.receivables.paying import prenotice, proposing
    from einvoice.rendering import house
    from einvoice.settings import current

    settings = current()
    now_in = mode.effective(here.connection, settings.sending).name
    if now_in != mode.LIVE:
        raise ReceivablesError(f"the mode is {now_in}: nothing is announced; see `debit plan`, then: einvoice receivables mode live")
    proposing.plan(here.connection, here.creditor, here.policy, here.at)
    press = prenotice.Press(
        frozenset(installed(settings)),
        settings.smtp.sender,
        house.load(settings.rendering.templates),
        templates.load(settings.receivables.templates),
    )
    prenotice.announce(here.connection, here.creditor, press, here.at)
    _list(here, options)


def _export(here: Work, options: Namespace) -> list[tuple[Path, bytes]]:
    from einvoice.receivables.paying import pain008
    from einvoice.settings import current

    folder = options.out or Path()
    if options.file:
        return [(folder / file.name, file.data) for file in pain008.kept(here.connection, here.creditor, options.file)]
    made = pain008.export(here.connection, here.creditor, current().sending, here.at)
    for reason, count in made.withdrawn.items():
        print(f"withdrawn: {count} {reason}")
    files = pain008.kept(here.connection, here.creditor)
    if not files:
        print("nothing is at the bank, and nothing is due to go there")
    return [(folder / file.name, file.data) for file in files]


def _report(here: Work, options: Namespace) -> None:
    from einvoice.receivables.paying import pain002

    if not options.name:
        raise ReceivablesError("name the bank's file: einvoice receivables debit report pain002.xml")
    try:
        with Path(options.name).open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError as fault:
        raise ReceivablesError(f"{options.name}: {fault.strerror}; name the bank's file") from None
    ended = pain002.read(here.connection, here.creditor, data, here.at)
    print(f"{len(ended)} collections were refused")


def _cancel(here: Work, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import own
    from einvoice.receivables.paying.collections import withdraw
    from einvoice.receivables.store.tables import COLLECTIONS

    ref = own(here, COLLECTIONS, int(options.name) if (options.name or "").isdigit() else None, "collection")
    if _state(here, ref) not in ("planned", "announced") or not withdraw(here.connection, ref, "PERSON", here.at):
        raise ReceivablesError(f"the collection {ref} is {_state(here, ref)}; what is at the bank is recalled there")
    _list(here, options)


def _state(here: Work, ref: int) -> str:
    from sqlalchemy import select

    from einvoice.receivables.store.tables import COLLECTIONS

    return str(here.connection.scalar(select(COLLECTIONS.c.state).where(COLLECTIONS.c.id == ref)))


def _list(here: Work, options: Namespace) -> None:
    from sqlalchemy import select

    from einvoice.cli.receivables.casework import show
    from einvoice.receivables.store.tables import COLLECTIONS, DEBTORS

    found = select(COLLECTIONS, DEBTORS.c.key.label("debtor")).join(DEBTORS, DEBTORS.c.id == COLLECTIONS.c.debtor_id)
    found = found.where(COLLECTIONS.c.creditor_id == here.creditor).order_by(COLLECTIONS.c.due, COLLECTIONS.c.id)
    show(here.connection.execute(found).all(), _COLUMNS, options)


def _write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all; one that is there with the same bytes stays."""
    import os

    try:
        if path.exists():
            if path.read_bytes() != data:
                raise ReceivablesError(f"{path} is there with other bytes and is not replaced; name another folder with --out")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as fault:
        mend = "the collections are handed over all the same: export again to write their file"
        raise ReceivablesError(f"{fault.filename or path}: {fault.strerror}; {mend}") from None


_DO = {"plan": _plan, "announce": _announce, "export": _export, "report": _report, "cancel": _cancel, "list": _list}
