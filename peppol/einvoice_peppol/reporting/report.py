"""The monthly reports of an access point: made from what was exchanged, and checked."""

from __future__ import annotations

from lxml import etree
from sqlalchemy import Connection

from einvoice.errors import EInvoiceError
from einvoice.formats import guard
from einvoice.report import Layer, Report, Verdict
from einvoice_peppol.reporting import counting, reading, rules
from einvoice_peppol.reporting.exchanges import exchanges
from einvoice_peppol.reporting.kinds import SHAPES, Kind
from einvoice_peppol.reporting.month import Month
from einvoice_peppol.reporting.writing import write

MAX_SIZE = 50_000_000


def make(
    connection: Connection, kind: Kind, month: Month, reporter: str, *, country: str | None = None, network: str = "production"
) -> bytes:
    """The report of a month: transactions (TSR 1.0) or end users (EUSR 1.1), a report of zeros where nothing was exchanged.

    `reporter` is our seat id (`PNL000123`), `country` the one of our end users where nothing else tells it. Reported is the production
    network; `test` shows what the other one would report.
    Raises PeppolError where the country of an end user is not known.
    """
    found = exchanges(connection, month, country, network)
    return write(counting.transactions(found) if kind is Kind.TSR else counting.users(found), month, reporter)


def check(data: bytes, name: str | None = None) -> Report:
    """The report on a TSR or EUSR: the layers `structure` and that of its official rules; not judged where it is neither."""
    try:
        root = guard.tree(data, MAX_SIZE)
        kind = _kind(root)
    except EInvoiceError as fault:
        return Report(name, None, None, (Layer.not_judged("structure", "", str(fault)),))
    shape = SHAPES[kind]
    etree.strip_tags(root, etree.Comment, etree.PI)
    structure = Layer.judged("structure", shape.version, tuple(reading.structure(root, shape)))
    if structure.verdict is Verdict.INVALID:
        return Report(name, kind.value, None, (structure,))
    layer = Layer.judged(shape.layer, shape.rules, tuple(rules.check(reading.read(root, shape), kind)))
    return Report(name, kind.value, None, (structure, layer))


def _kind(root: etree._Element) -> Kind:
    for kind, shape in SHAPES.items():
        if root.tag == f"{{{shape.namespace}}}{shape.root}":
            return kind
    raise EInvoiceError(f"{root.tag} is neither a TSR 1.0 nor an EUSR 1.1")
