"""The layers that have native rules, each with the home of its rule set, loaded when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from einvoice.formats.syntax import Syntax
from einvoice_validators.engine import Program
from einvoice_validators.ruleset import RuleSet

RULES = "einvoice_validators.rules."
HOMES = {
    "en16931": "en16931:rules",
    "peppol": "peppol:rules",
    "peppol-selfbilling": "peppol:self_billing",
    "xrechnung": "xrechnung:rules",
    "nlcius": "nlcius:rules",
    "nlcius-gaccount": "nlcius:blocked_account",
}


@cache
def ruleset(name: str, syntax: Syntax | None = None) -> RuleSet:
    """The rule set of a name above: of one syntax, or of both where none is named.

    Raises KeyError where there is none.
    """
    module, _, function = HOMES[name].partition(":")
    rules: Callable[[Syntax], RuleSet] = getattr(import_module(RULES + module), function)
    return rules(syntax) if syntax is not None else rules(Syntax.UBL) | rules(Syntax.CII)


@cache
def program(names: tuple[str, ...], syntax: Syntax, scenario: str | None = None) -> Program:
    """The rule sets of those names, ready to run on documents of a syntax; weighed as in a scenario of KoSIT, if one is named."""
    sets = [ruleset(name, syntax) for name in names]
    if scenario is not None:
        from einvoice_validators.rules.xrechnung.kosit import kosit  # noqa: PLC0415 - only where KoSIT's severities are wanted

        sets = [kosit(each, scenario) for each in sets]
    return Program(sets, syntax)
