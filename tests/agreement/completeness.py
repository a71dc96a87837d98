"""Which official ids have neither a rule of ours nor a reason why they never fire, and which fatal ones have no example.

`python -m tests.agreement.completeness > docs/never.md` renders the page of what never fires.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from einvoice.formats.syntax import Syntax
from einvoice_validators.layers import ruleset
from einvoice_validators.ruleset import Rule
from tests.agreement.verdicts import LAYERS
from tests.examples import all_examples

NEVER = {
    "en16931-ubl": ("en16931.never:UBL",),
    "en16931-cii": ("en16931.never:CII",),
    "peppol": ("peppol.never:NEVER",),
    "peppol-sb": ("peppol.never:NEVER", "peppol.never:NEVER_SELF_BILLING"),
    "xrechnung-ubl": ("xrechnung.never:NEVER_UBL",),
    "xrechnung-cii": ("xrechnung.never:NEVER_CII",),
    "nlcius-ubl": ("nlcius.never:NEVER_UBL",),
    "nlcius-cii": ("nlcius.never:NEVER_CII",),
    "nlcius-gaccount": ("nlcius.never:NEVER_GACCOUNT",),
}

INTRODUCTION = (
    "Some official rules cannot break on any document whose structure is valid, so there is nothing to write for them here: the XML",
    "Schema sees to it already, or the official test looks past what it is about. Their ids count as covered; each has its reason. What",
    "is said of EN 16931 holds where NLCIUS has the same rules.",
)


def never(layer: str) -> dict[str, str]:
    """The ids that cannot fire in a layer, each with its reason."""
    found: dict[str, str] = {}
    for home in NEVER[layer]:
        module, _, name = home.partition(":")
        found.update(getattr(import_module(f"einvoice_validators.rules.{module}"), name, {}))
    return found


def written(layer: str) -> frozenset[str]:
    """The ids that have a rule in the syntax of a layer."""
    name, syntax = LAYERS[layer]
    return frozenset(rule.id for rule in ruleset(name).rules if _in(rule.contexts, syntax))


def _in(contexts: Iterable[object], syntax: Syntax) -> bool:
    return any(getattr(context, "syntax", None) is syntax for context in contexts)


def missing(layer: str, official: Iterable[str]) -> list[str]:
    """The official ids that are neither written nor known never to fire."""
    return sorted(set(official) - written(layer) - set(never(layer)))


def without_example(layer: str, official: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The fatal ids that no example of ours breaks, which can fire; those of EN 16931's own rules have theirs there."""
    fatal = {rule for rule, row in official.items() if row["flag"] == "fatal"}
    shown = {example.rule for example in all_examples(layer) if example.breaks}
    return sorted(fatal - shown - _shared(layer) - set(never(layer)))


def _shared(layer: str) -> set[str]:
    """The ids of NLCIUS whose rule is the very one of EN 16931."""
    if not layer.startswith("nlcius"):
        return set()
    core = set(rules_of("en16931-cii" if LAYERS[layer][1] is Syntax.CII else "en16931-ubl"))
    return {rule.id for rule in rules_of(layer) if rule in core}


def rules_of(layer: str) -> tuple[Rule, ...]:
    """The rules of a layer's rule set."""
    return ruleset(LAYERS[layer][0]).rules


def page() -> str:
    """The page that names every rule that never fires, with its reason; where NLCIUS holds the rules of EN 16931, they are told once."""
    lines = ["# Rules that never fire", "", *INTRODUCTION]
    told: set[tuple[Syntax, str]] = set()
    for layer in NEVER:
        syntax = LAYERS[layer][1]
        reasons = {rule: reason for rule, reason in never(layer).items() if (syntax, rule) not in told}
        told |= {(syntax, rule) for rule in reasons}
        if reasons:
            lines += ["", f"## {layer}", "", "| Rule | Why it never fires |", "|---|---|"]
            lines += [f"| {rule} | {reason} |" for rule, reason in sorted(reasons.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
