"""Peppol BIS, sellers from Norway."""

from __future__ import annotations

import re
from functools import partial

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, facts
from einvoice_validators.rules.peppol.check_digits import norwegian_organisation
from einvoice_validators.rules.peppol.common import COUNTRIES, SUPPLIER, TAX_SCHEME, sold_from
from einvoice_validators.rules.peppol.values import single
from einvoice_validators.ruleset import WARNING, Pattern, rule
from einvoice_validators.xpath import exists, normal, one

_vat_number = partial(re.fullmatch, "[0-9]{9}MVA")

PATTERN = Pattern("peppol norway", Syntax.UBL)
SELLER = PATTERN.context(SUPPLIER, when=sold_from("NO"), tax_schemes=facts("cac:PartyTaxScheme"))
COUNTRY = PATTERN.context("/*", **COUNTRIES)
SCHEME = PATTERN.context("cac:PartyTaxScheme", **TAX_SCHEME)


def _numbers(party: Fact, scheme: str) -> list[str]:
    return [each.company_identifier for each in party.tax_schemes if normal(each.tax_scheme) == scheme and exists(each.company_identifier)]


@rule("NO-R-002", SELLER, at="cac:PartyTaxScheme/cbc:CompanyID", severity=WARNING)
def seller_tells_of_its_registration(party: Fact) -> object:
    """A Norwegian seller that is in the register of business enterprises says "Foretaksregisteret" as its tax registration (BT-32)."""
    return normal(one(_numbers(party, "TAX"))) == "Foretaksregisteret"


@rule("NO-R-001", SELLER, at="cac:PartyTaxScheme/cbc:CompanyID")
def vat_number_is_norwegian(party: Fact) -> object:
    """A Norwegian VAT number (BT-31) is NO, a valid organisation number of nine digits, and MVA."""
    numbers = _numbers(party, "VAT")
    if not any(number.startswith("NO") for number in numbers):
        return True
    number = single(one(numbers))
    return _vat_number(number[2:]) and norwegian_organisation(number[2:11])
