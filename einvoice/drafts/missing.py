"""What an invoice lacks: the terms that the norm requires wherever their group stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from einvoice import paths
from einvoice.drafts.faults import finding
from einvoice.model import Group, Invoice
from einvoice.report import Finding
from einvoice_schemas.terms import term


def missing(invoice: Invoice) -> list[Finding]:
    """A finding for every term of cardinality 1 that is absent, by its path; lines within lines are not held to it."""
    return [finding("draft-missing", path, " is missing: state it", None) for path in _absent(invoice, paths.NO_PARTS, ())]


def _absent(group: Group, parts: Mapping[str, str], path: paths.Steps) -> Iterator[paths.Steps]:
    for field in paths.fields(type(group)).values():
        value = getattr(group, field.name)
        identifier = parts.get(field.name) or next(iter(field.terms), None)
        place = (*path, field.name)
        if value is None or value == ():
            if identifier and term(identifier).mandatory:
                yield place
        elif field.name == "lines" and path:
            continue
        elif isinstance(value, Group):
            yield from _absent(value, field.parts, place)
        elif field.group:
            for position, row in enumerate(value):
                yield from _absent(row, field.parts, (*place, position))
