"""Lines of the bank that a person decides on: lists them with what may be meant, and books what is decided.

`take` books a proposal; `assign` says which invoices a line pays, or only whose the money is; `ignore` that it is no debtor's; `refund`
that it was or will be paid back; `undo` takes a decision back, the matcher's too: its invoices are open again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work

USAGE = "list | take LINE.PROPOSAL | assign LINE INVOICE[=AMOUNT]… | ignore|refund|undo LINE"
EXAMPLES = """\
  einvoice receivables worklist list
  einvoice receivables worklist take 17.1
  einvoice receivables worklist assign 17 2026-0012=100.00 2026-0013
  einvoice receivables worklist assign 17 --debtor 1001
  einvoice receivables worklist refund 18 --debtor 1001
  einvoice receivables worklist ignore 19
  einvoice receivables worklist undo 17
"""
_VERBS = ("list", "take", "assign", "ignore", "refund", "undo")


def options(parser: ArgumentParser) -> None:
    """What `receivables worklist` understands."""
    from einvoice.cli.receivables.casework import shared

    parser.add_argument("what", choices=_VERBS, nargs="?", default="list")
    parser.add_argument("line", metavar="LINE", nargs="?", help="which line, by its id in the list; of take: LINE.PROPOSAL, such as 17.1")
    parser.add_argument("invoices", metavar="INVOICE[=AMOUNT]", nargs="*", help="of assign: numbers, and what each gets unless all it owes")
    parser.add_argument("--debtor", metavar="KEY", help="of assign and refund: whose the money is")
    shared(parser)


def run(options: Namespace) -> int:
    """Does what is asked, and lists what waits."""
    from einvoice.cli.receivables.casework import work

    with work(options) as here:
        if options.what != "list":
            _decide(here, options)
        _list(here, options)
    return 0


def _decide(here: Work, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import debtor_of
    from einvoice.receivables.ledger.booking import Booking
    from einvoice.receivables.matching import worklist

    line, _, proposal = str(options.line or "").partition(".")
    if not line.isdecimal() or (options.what == "take") != proposal.isdecimal():
        raise ReceivablesError("say which line by its id in the list; of take its proposal, too: worklist take 17.1")
    booked = Booking(here.at.day, here.at.by, here.at.now)
    about = (here.connection, here.creditor, int(line))
    debtor = debtor_of(here, options.debtor) if options.debtor else None
    match options.what:
        case "take":
            worklist.take(*about, int(proposal), booked)
        case "assign":
            worklist.assign(*about, [_share(here, each) for each in options.invoices], booked, debtor)
        case "ignore":
            worklist.ignore(*about, booked)
        case "refund":
            worklist.refund(*about, booked, debtor)
        case _:
            worklist.undo(*about, booked)


def _share(here: Work, text: str) -> tuple[int, Decimal | None]:
    """An invoice and what it gets."""
    from einvoice.cli.receivables.casework import invoice_of

    number, sign, amount = text.rpartition("=")
    if not sign:
        return invoice_of(here, text), None
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise ReceivablesError(f"{amount!r} is no amount; write it like {number}=100.00") from None
    return invoice_of(here, number), value


def _list(here: Work, options: Namespace) -> None:
    from einvoice.cli.printing import json_text
    from einvoice.receivables.matching import worklist

    rows = worklist.waiting(here.connection, here.creditor)
    names = _names(here, rows)
    if options.format == "json":
        print(json_text([_plain(row, names) for row in rows], indent=1))
        return
    for row in rows:
        print(f"{row.id:>6}  {row.booked}  {row.amount:>12} {row.currency}  {row.state:<8} {row.payer or '-'}  {row.text or ''}".rstrip())
        for said in row.explanation:
            print(f"          {'+' if said['holds'] else '-'} {said['text']}")
        for number, one in enumerate(row.proposals, 1):
            shares = ", ".join(f"{names[0].get(ref, ref)}={amount}" for ref, amount in one["invoices"]) or "on account"
            print(
                f"        {row.id}.{number}  {one['confidence']:>3}  {names[1].get(one['debtor'], one['debtor'])}: {shares} ({one['why']})"
            )
    print(f"{len(rows)} lines wait")


def _names(here: Work, rows: Any) -> tuple[dict[int, str], dict[int, str]]:
    """The numbers of the invoices and the keys of the debtors that proposals name."""
    from sqlalchemy import select

    from einvoice.receivables.store.tables import DEBTORS, INVOICES

    invoices = sorted({int(ref) for row in rows for one in row.proposals for ref, _ in one["invoices"]})[:10_000]
    debtors = sorted({int(one["debtor"]) for row in rows for one in row.proposals})[:10_000]
    numbers = here.connection.execute(select(INVOICES.c.id, INVOICES.c.number).where(INVOICES.c.id.in_(invoices)))
    keys = here.connection.execute(select(DEBTORS.c.id, DEBTORS.c.key).where(DEBTORS.c.id.in_(debtors)))
    return {row.id: row.number for row in numbers}, {row.id: row.key for row in keys}


def _plain(row: Any, names: tuple[dict[int, str], dict[int, str]]) -> dict[str, Any]:
    proposals = [
        {
            "take": f"{row.id}.{number}",
            "debtor": names[1].get(one["debtor"]),
            "invoices": {names[0].get(ref, str(ref)): amount for ref, amount in one["invoices"]},
            "confidence": one["confidence"],
            "why": one["why"],
        }
        for number, one in enumerate(row.proposals, 1)
    ]
    about = {name: getattr(row, name) for name in ("id", "currency", "payer", "iban", "text", "state", "confidence", "explanation")}
    return {**about, "booked": str(row.booked), "amount": str(row.amount), "proposals": proposals}
