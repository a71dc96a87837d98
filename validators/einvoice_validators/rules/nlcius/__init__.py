"""NLCIUS and its extension for blocked accounts: the rules of CEN, as they stand in it, and the Dutch ones."""

from __future__ import annotations

from dataclasses import replace

from einvoice.formats.syntax import Syntax
from einvoice_validators.rules.en16931 import EN16931
from einvoice_validators.rules.nlcius import cii, cii_advice, empty, gaccount, ubl, ubl_advice
from einvoice_validators.ruleset import RuleSet, rules_in

_UBL = RuleSet("nlcius", "2.0.3.13 (UBL), 1.0.3.13 (CII)", (*rules_in(ubl, ubl_advice), empty.UBL_EMPTY))
_CII = RuleSet(_UBL.name, _UBL.version, (*rules_in(cii, cii_advice), empty.CII_EMPTY))
_CEN_UBL = replace(EN16931, rules=tuple(rule for rule in EN16931.rules if any(each.syntax is Syntax.UBL for each in rule.contexts)))

NLCIUS = EN16931.without("CII-SR-282") | _UBL | _CII
GACCOUNT = (
    _CEN_UBL.without("UBL-CR-411", "UBL-CR-453", "UBL-CR-459")
    | _UBL.without("REPORT:cbc:CustomizationID")
    | RuleSet("nlcius-gaccount", "1.0.13", rules_in(gaccount))
)
