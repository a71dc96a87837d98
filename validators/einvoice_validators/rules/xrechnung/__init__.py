"""XRechnung 3.0.2, as KoSIT's Schematron 2.5.0 tests it: UBL and CII, with the Extension, CVD and its own copies of Peppol rules."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import import_module

from einvoice.formats.syntax import Syntax
from einvoice_validators.ruleset import RuleSet, rules_in

VERSION = "3.0.2 (schematron 2.5.0)"
MODULES = ("document", "parties", "payment", "peppol", "peppol_lines", "extension", "cvd")


@cache
def rules(syntax: Syntax) -> RuleSet:
    """The rules of one syntax."""
    modules = [import_module(f"{__name__}.{syntax}_{name}") for name in MODULES]
    return RuleSet("xrechnung", VERSION, rules_in(*modules), date(2026, 1, 31))
