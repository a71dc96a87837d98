"""NLCIUS and its extension for blocked accounts: the rules of CEN, as they stand in it, and the Dutch ones."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from einvoice.formats.syntax import Syntax
from einvoice_validators.rules import en16931
from einvoice_validators.ruleset import RuleSet, rules_in

VERSIONS = {Syntax.UBL: "2.0.3.13", Syntax.CII: "1.0.3.13"}


@cache
def rules(syntax: Syntax) -> RuleSet:
    """The rules of CEN and the Dutch ones; in CII they test the buyer's representative where CEN tests the seller's."""
    cen = en16931.rules(syntax)
    return (cen if syntax is Syntax.UBL else cen.without("CII-SR-282")) | _dutch(syntax)


@cache
def blocked_account(syntax: Syntax) -> RuleSet:
    """The extension for blocked accounts, which is written in UBL alone."""
    if syntax is not Syntax.UBL:
        return RuleSet("nlcius-gaccount", "1.0.13", ())
    own = RuleSet("nlcius-gaccount", "1.0.13", rules_in(import_module(f"{__name__}.gaccount")))
    cen = en16931.rules(syntax).without("UBL-CR-411", "UBL-CR-453", "UBL-CR-459")
    return cen | _dutch(syntax).without("REPORT:cbc:CustomizationID") | own


def _dutch(syntax: Syntax) -> RuleSet:
    empty = import_module(f"{__name__}.empty")
    modules = [import_module(f"{__name__}.{name}") for name in (syntax, f"{syntax}_advice")]
    return RuleSet("nlcius", VERSIONS[syntax], (*rules_in(*modules), empty.UBL_EMPTY if syntax is Syntax.UBL else empty.CII_EMPTY))
