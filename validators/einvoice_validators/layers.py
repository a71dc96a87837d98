"""The layers that have native rules, each with the home of its rule set, loaded when it is first wanted."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from einvoice.formats.syntax import Syntax
from einvoice_validators.engine import Program
from einvoice_validators.ruleset import RuleSet

RULES = "einvoice_validators.rules."
HOMES = {
    "en16931": "en16931:EN16931",
    "peppol": "peppol:PEPPOL",
    "peppol-selfbilling": "peppol:SELF_BILLING",
    "xrechnung": "xrechnung:XRECHNUNG",
    "nlcius": "nlcius:NLCIUS",
    "nlcius-gaccount": "nlcius:GACCOUNT",
}


@cache
def ruleset(name: str) -> RuleSet:
    """The rule set of a name above.

    Raises KeyError where there is none.
    """
    module, _, attribute = HOMES[name].partition(":")
    found: RuleSet = getattr(import_module(RULES + module), attribute)
    return found


@cache
def program(names: tuple[str, ...], syntax: Syntax) -> Program:
    """The rule sets of those names, ready to run."""
    return Program([ruleset(name) for name in names], syntax)
