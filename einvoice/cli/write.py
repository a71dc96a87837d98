"""Makes invoices from drafts in JSON or CSV, for programs that do not speak Python: what follows from the lines is calculated.

A draft has the fields of the model (see docs/drafts.md; `einvoice show --sample --format json` is an example). What it states is
verified, never changed. Exit code 1 where the invoice lacks what the norm requires, or a stated amount is wrong."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from einvoice.cli import options as common
from einvoice.cli.drafts import drafts_of
from einvoice.cli.printing import inside, save
from einvoice.cli.problems import place, tell, warn
from einvoice.cli.sources import results
from einvoice.errors import CalculationError, EInvoiceError, Unwritable

if TYPE_CHECKING:
    from einvoice.drafts import Draft
    from einvoice.model import Invoice

USAGE = "DRAFT…"
EXAMPLES = """\
  einvoice write draft.json -o invoice.xml
  einvoice write orders.csv --profile peppol -o outbox/
  einvoice write till.json --prices gross --syntax cii > invoice.xml
"""

DEFAULT = "en16931"


def options(parser: ArgumentParser) -> None:
    """What `write` understands."""
    common.files(parser)
    common.syntax(parser)
    common.profile(parser, f"the profile to name; unless told the draft's own, {DEFAULT} where it names none")
    common.prices(parser)
    common.output(parser, "FILE|DIR")


def run(options: Namespace) -> int:
    """Writes every invoice of every draft."""
    code, made = 0, []
    for source, found in results(options.files, lambda source: drafts_of(source, options.max_size, documents=False)):
        if isinstance(found, Exception):
            code = 2
            tell(found, source.name)
            continue
        for draft in found:
            data, worst = _written(source.name, draft, options)
            code = max(code, worst)
            if data is not None:
                made.append((f"{draft.invoice.number or 'invoice'}.xml", data))
    return max(code, _saved(made, options))


def _written(name: str, draft: Draft, options: Namespace) -> tuple[bytes | None, int]:
    """The document and 0; 1 where it lacks something, and no document where it cannot be calculated or written."""
    from einvoice.calculation import calculate
    from einvoice.drafts import missing
    from einvoice.formats.profile import with_profile
    from einvoice.formats.syntax import Syntax
    from einvoice.formats.writer import write

    invoice = with_profile(draft.invoice, options.profile or _own(draft.invoice))
    try:
        invoice = calculate(invoice, prices=options.prices).invoice
        data = write(invoice, Syntax(options.syntax))
    except CalculationError as fault:
        warn(f"{place(name, draft.line(fault.path or ''))}: {fault}")
        return None, 1
    except Unwritable as fault:
        tell(fault, name)
        return None, 1
    absent = missing(invoice)
    for finding in absent:
        warn(f"{place(name, draft.line(finding.xpath or ''))}: {finding.text}")
    return data, 1 if absent else 0


def _own(invoice: Invoice) -> str | None:
    """None keeps the specification that the draft names."""
    return None if invoice.process and invoice.process.specification_identifier else DEFAULT


def _saved(made: list[tuple[str, bytes]], options: Namespace) -> int:
    if len(made) > 1 and inside(options.output, "") is None:
        numbers = ", ".join(name for name, _ in made[:3])
        raise EInvoiceError(f"the drafts hold {len(made)} invoices ({numbers} …): name a folder, such as -o outbox/")
    code, taken = 0, set[str]()
    for name, data in made:
        output = inside(options.output, name) or options.output
        try:
            save(data, output, force=options.force, taken=taken)
        except EInvoiceError as fault:
            code = 2
            tell(fault)
    return code
