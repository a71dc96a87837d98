"""The dossier of a debtor as a zip, to look at: what an agency or a legal team would get. Nothing is sent, and nothing is kept.

It holds the invoices (XML and PDF), the statement of account, every message as it was sent with the proof of its delivery, disputes,
promises and plans, the computation of interest and costs with the law, contract terms and notices, and a manifest with the SHA-256 of
each file. What could not be put into it is named."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

USAGE = "DEBTOR [--invoice NUMBER …] [-o FILE]"
EXAMPLES = """\
  einvoice receivables dossier 1001
  einvoice receivables dossier 1001 --invoice 2026-0017 --language de -o dossier.zip
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables dossier` understands."""
    from einvoice.cli.receivables.common import creditor_option

    parser.add_argument("debtor", metavar="DEBTOR", help="the key of whose debts")
    parser.add_argument(
        "--invoice", metavar="NUMBER", action="append", default=[], help="only this one; again for more; all open ones unless told"
    )
    parser.add_argument("--language", choices=("en", "nl", "de", "fr"), help="of titles and letters; the creditor's unless told")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to; dossier-DEBTOR-DAY.zip unless told")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of what is said about it; text unless told")
    creditor_option(parser)
    parser.set_defaults(what="show", by=None)


def run(options: Namespace) -> int:
    """Makes the dossier, and says what it claims and what it lacks."""
    from einvoice.cli.printing import json_text
    from einvoice.cli.receivables.casework import debtor_of, invoice_of, work
    from einvoice.cli.receivables.files import put
    from einvoice.receivables.documents.templates import load
    from einvoice.receivables.handover.dossier import make
    from einvoice.rendering import house
    from einvoice.settings import current

    settings = current()
    with work(options) as here:
        debtor = debtor_of(here, options.debtor)
        invoices = [invoice_of(here, number) for number in options.invoice]
        style, words = house.load(settings.rendering.templates), load(settings.receivables.templates)
        made = make(here.connection, here.creditor, debtor, invoices, here.at.now, options.language, house=style, templates=words)
    path = options.output or Path(made.name)
    put(made.data, path)
    if options.format == "json":
        print(json_text({"file": str(path), "sha256": made.hash, "claimed": made.total, "missing": list(made.missing)}, indent=1))
        return 0
    print(f"{path}: {made.total}, {len(made.data):,} bytes, SHA-256 {made.hash[:16]}…")
    for one in made.missing:
        print(f"  missing: {one}")
    return 0
