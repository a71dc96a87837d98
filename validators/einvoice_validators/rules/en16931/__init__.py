"""EN 16931, as the validation artefacts of CEN test it, release 1.3.16: UBL and CII.

`rules(Syntax.UBL)` loads the modules of one syntax only, because a check needs one and cold start counts; `EN16931` is both.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import import_module

from einvoice.formats.syntax import Syntax
from einvoice_validators.ruleset import RuleSet, rules_in

VERSION = "1.3.16"
MODULES = {
    Syntax.UBL: (
        "ubl_model ubl_references ubl_parties ubl_document ubl_allowances ubl_totals ubl_lines ubl_payment ubl_vat ubl_vat_special "
        "ubl_syntax ubl_attributes ubl_codes"
    ),
    Syntax.CII: (
        "cii_model cii_references cii_parties cii_document cii_allowances cii_totals cii_lines cii_payment cii_vat cii_categories "
        "cii_syntax cii_types cii_codes"
    ),
}


@cache
def rules(syntax: Syntax) -> RuleSet:
    """The rules of one syntax."""
    modules = [import_module(f"{__name__}.{name}") for name in MODULES[syntax].split()]
    return RuleSet("en16931", VERSION, rules_in(*modules), date(2026, 5, 15))
