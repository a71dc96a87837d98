"""Reckons what may be claimed of a late invoice besides its principal: interest, costs and their VAT, line by line, with the law.

From amounts on the command line no database is needed: what the law wants first (a notice, a word on the invoice, a contract term) is
then presumed and listed; with --strict only what the options state counts. With --invoice the ledger says what was invoiced, paid and
noticed, and nothing is presumed. Marks: ✔ a primary source was read, ◐ derived from another figure, ? unverified. No legal advice."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from einvoice.cli.receivables.values import amount, day

if TYPE_CHECKING:
    from einvoice.receivables.law.claim import Claim
    from einvoice.receivables.law.debt import Debt

USAGE = ""
EXAMPLES = """\
  einvoice receivables claim --country NL --kind b2b --amount 10000 --due 2025-05-15 --until 2026-11-21
  einvoice receivables claim --country NL --kind b2c --amount 1000 --due 2026-01-31 --until 2026-06-30 --creditor-deducts-vat no
  einvoice receivables claim --country BE --kind b2b --amount 500 --due 2026-01-31 --until 2026-06-30 --paid 2026-03-01=200
  einvoice receivables claim --invoice 2026-0017 --until 2026-11-21 --format json
"""
KINDS = ("b2b", "b2c", "public")


def options(parser: ArgumentParser) -> None:
    """What `receivables claim` understands."""
    from einvoice.cli.receivables.common import creditor_option

    parser.add_argument("--country", metavar="CC", help="the debtor's country, two letters")
    parser.add_argument("--kind", choices=KINDS, help="who the debtor is")
    parser.add_argument("--amount", type=amount, metavar="AMOUNT", help="what was owed on the due date, with VAT")
    parser.add_argument("--currency", default="EUR", metavar="CUR", help="of the amount; EUR unless told")
    parser.add_argument("--issued", type=day, metavar="DATE", help="the invoice's date; the due date unless told")
    parser.add_argument("--due", type=day, metavar="DATE", help="the last day to pay")
    parser.add_argument("--until", type=day, metavar="DATE", required=True, help="the day of payment, included")
    parser.add_argument("--paid", type=_payment, action="append", default=[], metavar="DATE=AMOUNT", help="a payment on the principal")
    parser.add_argument("--creditor-deducts-vat", choices=("yes", "no"), default="yes", help="whether it can; yes unless told")
    parser.add_argument("--notice-received", type=day, metavar="DATE", help="when the statutory notice is presumed received")
    parser.add_argument("--warned", action="store_true", help="the invoice states rate and costs, and warns of default")
    parser.add_argument("--contract-interest", metavar="PERCENT", help="the rate that the contract states")
    parser.add_argument("--contract-costs", metavar="AMOUNT", help="costs that the contract states: an amount, 10%%, or by_law")
    parser.add_argument("--strict", action="store_true", help="presume nothing: claim what these options support")
    parser.add_argument("--invoice", metavar="NUMBER", help="an invoice of the ledger, instead of amounts")
    creditor_option(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print; text unless told")


def run(options: Namespace) -> int:
    """Prints the claim."""
    from einvoice.cli.printing import json_text
    from einvoice.receivables.actions import to_json
    from einvoice.receivables.law import load
    from einvoice.receivables.law.claim import claim

    country, debt = _of_ledger(options) if options.invoice else _of_amounts(options)
    made = claim(load(), country, debt)
    print(json_text(to_json(made), indent=1) if options.format == "json" else _text(made))
    return 0


def _of_amounts(options: Namespace) -> tuple[str, Debt]:
    from einvoice.errors import ReceivablesError
    from einvoice.receivables.law import load
    from einvoice.receivables.law.debt import Debt

    missing = [f"--{name}" for name in ("country", "kind", "amount", "due") if getattr(options, name) is None]
    if missing:
        raise ReceivablesError(f"{', '.join(missing)} missing; give them, or the number of an --invoice")
    country = options.country.upper()
    contract = {"interest": options.contract_interest, "costs": options.contract_costs, "warned": options.warned}
    movements = _movements(options.amount, options.paid, options.until)
    debt = Debt(
        kind=options.kind,
        principal=movements[-1].principal,
        issued=options.issued or options.due,
        due=options.due,
        until=options.until,
        currency=options.currency.upper(),
        movements=movements,
        ends=options.notice_received and load().notice_ends(country, options.kind, options.notice_received),
        contract={key: value for key, value in contract.items() if value},
        deducts_vat=options.creditor_deducts_vat == "yes",
        presumed=not options.strict,
    )
    return country, debt


def _of_ledger(options: Namespace) -> tuple[str, Debt]:
    from einvoice.cli.receivables import common
    from einvoice.database import reading
    from einvoice.receivables.law import load
    from einvoice.receivables.law.booked import debt_of

    with common.opened() as engine, reading(engine) as connection:
        return debt_of(connection, load(), common.creditor(connection, options), options.invoice, options.until)


def _movements(amount: Decimal, paid: list[tuple[date, Decimal]], until: date) -> tuple[Any, ...]:
    """The principal after each payment, none beyond the last day."""
    from einvoice.errors import ReceivablesError
    from einvoice.receivables.law.interest import Movement

    made = [Movement(date.min, amount)]
    for booked, part in sorted(paid):
        if booked <= until:
            made.append(Movement(booked, made[-1].principal - part))
    if made[-1].principal < 0:
        raise ReceivablesError(f"the payments are {-made[-1].principal} more than the amount; correct --paid or --amount")
    return tuple(made)


def _text(made: Claim) -> str:
    from einvoice.receivables.law.pack import MARKS

    wide = max(len(line.text) for line in made.lines)
    lines = [f"{made.kind} debtor in {made.country}, due {made.due}, through {made.until}", ""]
    for line in made.lines:
        when = f"{line.first} – {line.last}" if line.first else ""
        law = f"{line.law} {MARKS[line.confidence]}" if line.law and line.confidence else ""
        lines.append(f"{when:25}{line.text:{wide}}{line.amount:>16,.2f} {made.currency}  {law}".rstrip())
    lines += ["", f"interest {made.interest:,.2f}, costs {made.costs:,.2f}, VAT {made.vat:,.2f} {made.currency}"]
    lines += [f"! {note.text}" + (f" ({note.source})" if note.source else "") for note in made.notes]
    lines += [f"tables {made.rates[:16]}…; no legal advice"]
    return "\n".join(lines)


def _payment(text: str) -> tuple[date, Decimal]:
    on, _, paid = text.partition("=")
    return day(on), amount(paid)
