"""Peppol BIS: identifiers of parties have the shape of their scheme, and its check digit where it has one."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice.report import Severity
from einvoice_validators.facts import Fact, text
from einvoice_validators.rules.peppol import check_digits
from einvoice_validators.rules.peppol.common import TAX_SCHEME
from einvoice_validators.ruleset import FATAL, WARNING, Leaf, Pattern, Rule, rule
from einvoice_validators.xpath import exists, normal

Shape = Callable[[str], Any]
PATTERN = Pattern("peppol identifiers", Syntax.UBL)
PARTIES = "cbc:EndpointID[@schemeID] | cac:PartyIdentification/cbc:ID[@schemeID] | cbc:CompanyID[@schemeID]"
ENDPOINTS = "cbc:EndpointID[@schemeID]"
TAX_PARTY = Pattern("peppol VAT numbers", Syntax.UBL).context(
    "cac:PartyTaxScheme", tax_company_scheme=text("cbc:CompanyID/@schemeID"), **TAX_SCHEME
)

_dutch_vat = partial(re.fullmatch, "NL[0-9]{9}B[0-9]{2}")
_danish = partial(re.fullmatch, "(?:DK)?[0-9]{8}")
_danish_vat = partial(re.fullmatch, "DK[0-9]{8}")
_eight, _ten, _twelve, _twenty = (partial(re.fullmatch, f"[0-9]{{{digits}}}") for digits in (8, 10, 12, 20))


def _dutch(text: str) -> bool:
    return normal(text).startswith("NL")


# A number of VAT that begins with NL is looked at as such, whatever its scheme 0217 may say.
PATTERN.leaf("cac:PartyTaxScheme/cbc:CompanyID[@schemeID]", where=lambda text, scheme: scheme == "0217" and _dutch(text))


def _scheme(code: str, paths: str = PARTIES) -> Leaf:
    return PATTERN.leaf(paths, where=lambda _, scheme: scheme == code)


def _shaped(id: str, scheme: str, test: Shape, wanted: str, severity: Severity = FATAL, paths: str = PARTIES) -> Rule:  # noqa: A002 - it is the id
    """The rule of a scheme whose identifiers are looked at without the white space around them."""
    return Rule(
        id, (_scheme(scheme, paths),), lambda text, _: test(normal(text)), f"An identifier of the scheme {scheme} is {wanted}.", severity
    )


def _exact(id: str, scheme: str, test: Shape, wanted: str) -> Rule:  # noqa: A002 - it is the id
    """The rule of a scheme whose identifiers are looked at as they stand."""
    return Rule(id, (_scheme(scheme),), lambda text, _: test(text), f"An identifier of the scheme {scheme} is {wanted}, without spaces.")


SHAPES = (
    _shaped("PEPPOL-COMMON-R040", "0088", check_digits.gln, "a Global Location Number: digits, the last of which checks the others"),
    _shaped("PEPPOL-COMMON-R041", "0192", check_digits.norwegian_organisation, "a Norwegian organisation number with its check digit"),
    _exact("PEPPOL-COMMON-R042", "0184", _danish, "a Danish CVR number: eight digits, after DK or alone"),
    _exact("PEPPOL-COMMON-R052", "0096", _ten, "a Danish P number: ten digits"),
    _exact("PEPPOL-COMMON-R053", "0198", _danish_vat, "a Danish VAT number: DK and eight digits"),
    _shaped("PEPPOL-COMMON-R043", "0208", check_digits.belgian_enterprise, "a Belgian enterprise number with its check digits"),
    _shaped("PEPPOL-COMMON-R044", "0201", check_digits.italian_office, "an Italian office code: six letters or digits", WARNING),
    _shaped("PEPPOL-COMMON-R045", "0210", check_digits.italian_tax_code, "an Italian tax code of 11 digits or 16 characters", WARNING),
    _shaped("PEPPOL-COMMON-R046", "9907", check_digits.italian_tax_code, "an Italian tax code of 11 digits or 16 characters", WARNING,
            ENDPOINTS),
    _shaped("PEPPOL-COMMON-R047", "0211", check_digits.italian_vat_number, "a VAT number; an Italian one has its check digit", WARNING),
    _shaped("PEPPOL-COMMON-R049", "0007", lambda text: len(text) == 10 and text.isascii() and check_digits.swedish_organisation(text),
            "a Swedish organisation number: ten digits, the last of which checks the others"),
    _shaped("PEPPOL-COMMON-R050", "0151", check_digits.australian_business, "an Australian Business Number with its check digits"),
    _shaped("PEPPOL-COMMON-R054", "0106", _eight, "a Dutch KvK number: eight digits", WARNING),
    _shaped("PEPPOL-COMMON-R055", "0190", _twenty, "a Dutch OIN: twenty digits", WARNING),
    _shaped("PEPPOL-COMMON-R056-1", "9944", _dutch_vat, "a Dutch VAT number: NL, nine digits, B, two digits", WARNING),
    _shaped("PEPPOL-COMMON-R057", "0217", _twelve, "a Dutch branch number: twelve digits", WARNING),
)  # fmt: skip
SEEN_BEFORE = frozenset("0088 0192 0184 0096 0198 0208 0201 0210 0211 0007 0151 0106 0190 9944".split())


@rule("PEPPOL-COMMON-R056-2", TAX_PARTY, at="company_identifier", severity=WARNING)
def dutch_vat_number_has_its_shape(party: Fact) -> object:
    """A VAT number that begins with NL goes on with nine digits, B and two digits."""
    if party.tax_company_scheme in SEEN_BEFORE or normal(party.tax_scheme) != "VAT" or not exists(party.company_identifier):
        return True
    number = normal(party.company_identifier)
    return not number.startswith("NL") or _dutch_vat(number)


@rule("PEPPOL-COMMON-R057", TAX_PARTY, at="company_identifier", severity=WARNING)
def branch_number_is_no_vat_number(party: Fact) -> object:
    """A number of the scheme 0217 is a Dutch branch number, twelve digits, which does not begin with NL."""
    return not (party.tax_company_scheme == "0217" and normal(party.tax_scheme) != "VAT" and _dutch(party.company_identifier))
