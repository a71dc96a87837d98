"""XRechnung 3.0.2, as KoSIT's Schematron 2.5.0 tests it: UBL and CII, with the Extension, CVD and its own copies of Peppol rules."""

from __future__ import annotations

from datetime import date

from einvoice_validators.rules.xrechnung import (
    cii_cvd,
    cii_document,
    cii_extension,
    cii_parties,
    cii_payment,
    cii_peppol,
    cii_peppol_lines,
    ubl_cvd,
    ubl_document,
    ubl_extension,
    ubl_parties,
    ubl_payment,
    ubl_peppol,
    ubl_peppol_lines,
)
from einvoice_validators.ruleset import RuleSet, rules_in

_UBL = (ubl_document, ubl_parties, ubl_payment, ubl_peppol, ubl_peppol_lines, ubl_extension, ubl_cvd)
_CII = (cii_document, cii_parties, cii_payment, cii_peppol, cii_peppol_lines, cii_extension, cii_cvd)

XRECHNUNG = RuleSet("xrechnung", "3.0.2 (schematron 2.5.0)", rules_in(*_UBL, *_CII), date(2026, 1, 31))
