"""Peppol BIS, sellers from Italy."""

from __future__ import annotations

import re
from functools import partial

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, there
from einvoice_validators.rules.peppol.common import COUNTRIES, SUPPLIER, TAX_SCHEME, sold_from
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import normal

_fiscal_code = partial(re.fullmatch, "[A-Z0-9]{11,16}")

PATTERN = Pattern("peppol italy", Syntax.UBL)
SCHEME = PATTERN.context(f"{SUPPLIER}/cac:PartyTaxScheme", when=sold_from("IT"), **TAX_SCHEME)
SELLER = PATTERN.context(
    SUPPLIER,
    when=sold_from("IT"),
    street_there=there("cac:PostalAddress/cbc:StreetName"),
    city_there=there("cac:PostalAddress/cbc:CityName"),
    post_code_there=there("cac:PostalAddress/cbc:PostalZone"),
)
COUNTRY = PATTERN.context("/*", **COUNTRIES)


@rule("IT-R-001", SCHEME, at="company_identifier")
def fiscal_code_has_its_shape(scheme: Fact) -> object:
    """The fiscal code of an Italian seller (BT-32) is 11 to 16 capital letters and digits."""
    return normal(scheme.tax_scheme) == "VAT" or _fiscal_code(normal(scheme.company_identifier))


@rule("IT-R-002", SELLER, at="cac:PostalAddress")
def seller_has_a_street(party: Fact) -> object:
    """The address of an Italian seller has a street (BT-35)."""
    return party.street_there


@rule("IT-R-003", SELLER, at="cac:PostalAddress")
def seller_has_a_city(party: Fact) -> object:
    """The address of an Italian seller has a city (BT-37)."""
    return party.city_there


@rule("IT-R-004", SELLER, at="cac:PostalAddress")
def seller_has_a_post_code(party: Fact) -> object:
    """The address of an Italian seller has a post code (BT-38)."""
    return party.post_code_there
