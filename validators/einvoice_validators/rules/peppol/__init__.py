"""Peppol BIS Billing 3 and Self-Billing 3, as the official rules of release 2026.5 test them: UBL alone."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import import_module

from einvoice.formats.syntax import Syntax
from einvoice_validators.ruleset import RuleSet, rules_in

VERSION = "2026.5"
SHARED = ("empty", "document", "parties", "allowances", "payment", "amounts", "lines", "identifiers", "codes")
COUNTRIES = ("norway", "denmark", "italy", "sweden", "greece", "iceland", "netherlands", "germany", "germany_details")


@cache
def rules(syntax: Syntax) -> RuleSet:
    """The rules of billing, with those of the countries."""
    return _of(syntax, *SHARED, "billing", *COUNTRIES)


@cache
def self_billing(syntax: Syntax) -> RuleSet:
    """The rules of self-billing, under the name of the same layer."""
    return _of(syntax, *SHARED, "selfbilling")


def _of(syntax: Syntax, *names: str) -> RuleSet:
    modules = [import_module(f"{__name__}.{name}") for name in names] if syntax is Syntax.UBL else []
    return RuleSet("peppol", VERSION, rules_in(*modules), date(2026, 8, 17))  # mandatory from then on; published 2026-05-18
