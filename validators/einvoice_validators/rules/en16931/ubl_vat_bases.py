"""What the taxable amounts of the VAT breakdown must be: the lines, allowances and charges of a document summed by VAT category and rate.

One pass over the lines and one over the allowances and charges, once a document. Categories count by their code alone, whatever
their tax scheme. A line that names several categories counts for each code, and for each code with each rate.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple, TypeAlias

from einvoice_validators.facts import Fact, derived
from einvoice_validators.rules.en16931.ubl_model import at_document_level, is_charge
from einvoice_validators.xpath import MISSING, exists, normal

Key: TypeAlias = str | tuple[str, Decimal]
Sums: TypeAlias = defaultdict[Key, Decimal]
OWN_LINES = {"ubl:Invoice": "cac:InvoiceLine", "cn:CreditNote": "cac:CreditNoteLine"}


class Bases(NamedTuple):
    """Sums by category code, and by code and rate.

    `lines` are of the document's own lines, `others` of its charges less its allowances. Lines stand deeper down too, in goods
    items, and may be those of the other kind of document there: `foreign_lines` says so. Of lines and allowances at any depth
    the codes with a rate are known: `line_keys` those of the own kind, `foreign_keys` the other, `allowance_keys`.
    """

    line_total: Decimal
    lines: Sums
    others: Sums
    foreign_lines: bool
    line_keys: set[Key]
    foreign_keys: set[Key]
    allowance_keys: set[Key]

    def expected(self, key: Key) -> Decimal:
        """The taxable amount of a category, or of a category and rate."""
        return self.lines[key] + self.others[key]


@derived
def bases(document: Fact) -> Bases:
    """The sums of a document."""
    lines: Sums = defaultdict(Decimal)
    own, foreign = OWN_LINES[document.name], False
    line_keys: set[Key] = set()
    foreign_keys: set[Key] = set()
    line_total = Decimal(0)
    for line in document.lines:
        keys = _keys(line.vat_categories)
        amount = line.net_amount if line.net_amount is not MISSING else Decimal(0)
        line_total += amount
        if line.name != own:
            foreign = True
            foreign_keys |= keys
            continue
        line_keys |= keys
        if at_document_level(line):
            for key in keys:
                lines[key] += amount
    others, allowance_keys = _others(document)
    return Bases(line_total, lines, others, foreign, line_keys, foreign_keys, allowance_keys)


def _others(document: Fact) -> tuple[Sums, set[Key]]:
    """The charges less the allowances of the document, and what allowances and charges at any depth name."""
    sums: Sums = defaultdict(Decimal)
    named: set[Key] = set()
    for each in document.allowance_charges:
        keys = _keys(each.vat_categories)
        named |= keys
        if at_document_level(each):
            for key in keys:
                sums[key] += each.amount if is_charge(each) else -each.amount
    return sums, named


def _keys(categories: Any) -> set[Key]:
    if len(categories) == 1:  # the usual line
        code, rate = normal(categories[0].category_code), categories[0].rate
        return {code} if rate is MISSING else {code, (code, rate)}
    codes = [normal(category.category_code) for category in categories]
    rates = [category.rate for category in categories if exists(category.rate)]
    return {*codes, *product(codes, rates)}
