"""Follows up what is owed: who may be reminded of what, by which step, under which law, once.

Nothing leaves the machine before `einvoice receivables mode live`, which shows what would go out and asks first."""

from __future__ import annotations

from argparse import ArgumentParser

USAGE = "VERB …"
EXTRA = "receivables"
EXAMPLES = """\
  einvoice receivables init
  einvoice receivables plan
  einvoice receivables run
  einvoice receivables mode
"""
VERBS = {
    "demo": "make a business to look at, with two years of invoices and a quarter of runs",
    "init": "create the database, settings and policy to begin with",
    "creditor": "add who is owed, change it, list them",
    "import": "take in debtors, invoices, payments and e-invoices from files",
    "statement": "state what was booked of a debtor, as text, letter, UBL or JSON",
    "export": "write what a debtor owes as UBL Reminder or e-invoice",
    "dossier": "make the file that proves a claim, to look at",
    "handover": "list what was handed over to agencies, take out a dossier",
    "ageing": "show what is open by how late it is, on any day",
    "plan": "show what today's run would do, and why",
    "run": "plan, and send what is due as far as the mode allows",
    "mode": "show or set what may leave: nothing, all to one address, or all",
    "service": "run by a schedule until it is ended",
    "policy": "show a policy as a page, name what is amiss with it, try it out",
    "templates": "copy the words and layouts of messages, name what is amiss with yours, show one",
    "claim": "reckon interest and costs of a late invoice, line by line",
    "people": "say who owns disputes and decides on your side, and who is away",
    "dispute": "open a dispute, work on it, end it, list them",
    "promise": "take a promise to pay, list them",
    "instalments": "propose a payment plan, approve, activate, cancel it",
    "mandate": "keep a SEPA mandate, end it, list them, take them in",
    "debit": "show, announce and export SEPA direct debits",
    "paylink": "make a link to pay for invoices",
    "match": "take in files of the bank, and book what surely pays an invoice",
    "worklist": "lines of the bank that a person decides on",
    "paper": "write the agreement of a payment plan, or thanks for a payment",
    "task": "list what people have to do, mark it done",
    "consent": "note that a debtor wants to be reached by a channel, or no longer, list them",
    "bounces": "read the mailboxes that bounces and answers arrive in",
    "verify": "say whether a message is really from us, by its check code",
    "writeoff": "give up what is open of an invoice, or take that back",
}
"""The verbs, each a module of this package by its name; `import` is the module `importing`, for Python keeps that word."""
MODULES = {"import": "importing"}


def options(parser: ArgumentParser) -> None:
    """What `receivables` understands: the verb, whose module says what follows."""
    parser.add_argument("verb", choices=VERBS)
