"""Writes a document that no step of a policy sends: the agreement of a payment plan, or thanks for a payment.

As a letter (pdf), a page (html) or text, in the debtor's language. With `--keep` the letter of an agreement is kept as it was written.
Nothing is sent."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work
    from einvoice.receivables.papering import Papered

USAGE = "{agreement,thanks} …"
EXAMPLES = """\
  einvoice receivables paper agreement 7 -o agreement.pdf
  einvoice receivables paper agreement 7 --keep -o agreement.pdf
  einvoice receivables paper thanks 1001 --format text
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables paper` understands."""
    from einvoice.cli.receivables.common import creditor_option

    parser.add_argument("kind", choices=("agreement", "thanks"), help="which document")
    parser.add_argument("about", metavar="PLAN|DEBTOR", help="the number of the payment plan; the key of the debtor")
    parser.add_argument("--format", choices=("pdf", "html", "text"), default="pdf", help="pdf unless told")
    parser.add_argument("--keep", action="store_true", help="keep the letter of an agreement with the debtor's documents")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to; standard output unless told")
    creditor_option(parser)
    parser.set_defaults(what="show", by=None)


def run(options: Namespace) -> int:
    """Writes the document."""
    from einvoice.cli.receivables.casework import work
    from einvoice.cli.receivables.files import put
    from einvoice.errors import ReceivablesError

    if options.keep and options.kind != "agreement":
        raise ReceivablesError("only agreements are kept; leave out --keep")
    options.what = "keep" if options.keep else "show"
    with work(options) as here:
        made = _made(here, options)
        letter = _pdf(here, made) if options.keep or options.format == "pdf" else b""
        if options.keep:
            _keep(here, made, letter)
        data = letter if options.format == "pdf" else _FORMATS[options.format](made)
    put(data, options.output, text=options.format != "pdf")
    return 0


def _made(here: Work, options: Namespace) -> Papered:
    from einvoice.cli.receivables.casework import debtor_of
    from einvoice.cli.receivables.common import policy_of
    from einvoice.errors import ReceivablesError
    from einvoice.receivables import papering
    from einvoice.settings import current

    if options.kind == "thanks":
        return papering.thanks(here.connection, here.creditor, debtor_of(here, options.about), _templates())
    if not options.about.isascii() or not options.about.isdigit() or len(options.about) > 15:
        raise ReceivablesError(f"{options.about!r} is no number of a payment plan; list them: einvoice receivables instalments list")
    return papering.agreement(here.connection, here.creditor, int(options.about), policy_of(current()), _templates())


def _pdf(here: Work, made: Papered) -> bytes:
    from einvoice.receivables.documents.facts import party
    from einvoice.receivables.documents.letter import pdf
    from einvoice.receivables.documents.parties import postal
    from einvoice.rendering import house
    from einvoice.settings import current

    who, _, contact = party(here.connection, here.creditor, made.debtor, channel="letter")
    lines = (who.debtor, *postal(contact.address if contact is not None else None))
    sender = (str(who.creditor["name"]), *postal(who.creditor["address"]))
    return pdf(made.content, lines, here.at.day, house.load(current().rendering.templates), sender=sender, templates=_templates())


def _html(made: Papered) -> bytes:
    from einvoice.receivables.documents import forms
    from einvoice.rendering import house
    from einvoice.settings import current

    return forms.html(made.content, house.load(current().rendering.templates)).encode()


def _text(made: Papered) -> bytes:
    from einvoice.receivables.documents.plain import text

    return text(made.content).encode()


_FORMATS = {"html": _html, "text": _text}


def _keep(here: Work, made: Papered, letter: bytes) -> None:
    from einvoice.receivables import papers

    name = f"{made.key.replace(':', '-')}.pdf"
    papers.keep(here.connection, here.creditor, made.debtor, "agreement", name, "application/pdf", letter, here.at.now)


def _templates() -> Any:
    from einvoice.receivables.documents.templates import load
    from einvoice.settings import current

    return load(current().receivables.templates)
