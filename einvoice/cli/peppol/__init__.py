"""Works in the Peppol network: what goes out and its evidence, what comes in, who is trusted, what is reported.

Nothing leaves the machine before `einvoice peppol mode live`; `einvoice send` and `einvoice lookup` are verbs of their own."""

from __future__ import annotations

from argparse import ArgumentParser

USAGE = "VERB …"
EXTRA = "peppol"
EXAMPLES = """\
  einvoice peppol status
  einvoice peppol run
"""
VERBS = {
    "run": "prepare and send what waits, once or again and again",
    "status": "list what went out, and what became of it",
    "proof": "write the evidence of a message into one zip",
    "answer": "answer an invoice that came: accepted, under query, rejected, …",
    "resend": "take up again what was refused or given up",
    "cancel": "withdraw what has not been sent",
    "mode": "show or set what may leave: nothing, or all",
    "identifiers": "say what identifiers are worth, and which ones an invoice has",
    "report": "make the monthly reports, transactions and end users, or check them",
    "trust": "install the CAs whose seats are trusted, list them, remove them",
    "pki": "make a PKI to test with",
}
"""The verbs, each a module of this package by its name, or by the one that MODULES has for it."""
MODULES: dict[str, str] = {}


def options(parser: ArgumentParser) -> None:
    """What `peppol` understands: the verb, whose module says what follows."""
    parser.add_argument("verb", choices=VERBS)
