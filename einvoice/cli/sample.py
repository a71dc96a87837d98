"""Writes an invoice of our own to try things on: complete, at two VAT rates, valid under Peppol BIS Billing 3.0.

A bakery in Ghent supplies a café in Namur; people, numbers and accounts are invented."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from einvoice.cli import options as common
from einvoice.cli.printing import save

USAGE = ""
EXAMPLES = """\
  einvoice sample | einvoice show -
  einvoice sample --credit-note --syntax cii --profile xrechnung -o sample.xml
"""


def options(parser: ArgumentParser) -> None:
    """What `sample` understands."""
    common.syntax(parser)
    common.profile(parser, "the profile to name; unless told peppol in UBL, en16931 in CII, which Peppol does not use")
    parser.add_argument("--credit-note", action="store_true", help="the credit note that corrects the invoice in part")
    common.output(parser)


def run(options: Namespace) -> int:
    """Writes the sample; under a level of Factur-X as much of it as the level has."""
    from einvoice.conversion import convert
    from einvoice.formats.syntax import Syntax
    from einvoice.samples import sample

    profile = options.profile or ("peppol" if options.syntax == "ubl" else "en16931")
    written = convert(sample(credit_note=options.credit_note), Syntax(options.syntax), profile=profile)
    save(written.data, options.output, force=options.force)
    return 0
