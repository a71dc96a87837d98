"""EN 16931, as the validation artefacts of CEN test it, release 1.3.16: UBL and CII."""

from __future__ import annotations

from datetime import date
from importlib import import_module

from einvoice_validators.ruleset import RuleSet, rules_in

MODULES = (
    "ubl_model ubl_references ubl_parties ubl_document ubl_allowances ubl_totals ubl_lines ubl_payment ubl_vat ubl_vat_special ubl_syntax ubl_attributes ubl_codes "
    "cii_model cii_references cii_parties cii_document cii_allowances cii_totals cii_lines cii_payment cii_vat cii_categories cii_syntax cii_types cii_codes"
)


def _there(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(f"{__name__}.{name}") is not None


EN16931 = RuleSet(
    "en16931", "1.3.16", rules_in(*(import_module(f"{__name__}.{name}") for name in MODULES.split() if _there(name))), date(2026, 5, 15)
)
