"""Peppol BIS: seller and buyer can be reached in the network, by addresses of a known kind."""

from __future__ import annotations

from functools import partial

from einvoice.formats.syntax import Syntax
from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact, there
from einvoice_validators.rules.peppol.common import CUSTOMER, SUPPLIER
from einvoice_validators.ruleset import Pattern, rule

PATTERN = Pattern("peppol parties", Syntax.UBL)
BUYER = PATTERN.context(CUSTOMER, endpoint_there=there("cbc:EndpointID"))
SELLER = PATTERN.context(SUPPLIER, endpoint_there=there("cbc:EndpointID"))
ADDRESSES = Pattern("peppol endpoint schemes", Syntax.UBL)
ENDPOINT = ADDRESSES.leaf("cbc:EndpointID[@schemeID]")

SCHEMES = partial(code_set, "eas", "peppol")


@rule("PEPPOL-EN16931-R010", BUYER, at="cbc:EndpointID")
def buyer_has_an_electronic_address(party: Fact) -> object:
    """The buyer has an electronic address (BT-49)."""
    return party.endpoint_there


@rule("PEPPOL-EN16931-R020", SELLER, at="cbc:EndpointID")
def seller_has_an_electronic_address(party: Fact) -> object:
    """The seller has an electronic address (BT-34)."""
    return party.endpoint_there


@rule("PEPPOL-EN16931-CL008", ENDPOINT, at="@schemeID")
def endpoint_scheme_is_known(_: str, scheme: str) -> object:
    """The scheme of an electronic address (BT-34-1, BT-49-1) is one of the code list EAS that Peppol uses."""
    return scheme in SCHEMES()
