"""The engine: holds a document against rule sets, each a layer, in one walk and one loop over the rules."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import localcontext
from typing import NamedTuple

from lxml import etree

from einvoice.formats import structure
from einvoice.formats.structure.fast import Doubt
from einvoice.formats.syntax import ROOTS, Syntax
from einvoice.report import Finding, Layer, Severity, Verdict
from einvoice_validators.facts import Fact
from einvoice_validators.judging import meets, said
from einvoice_validators.places import Chain, Plan, Tests
from einvoice_validators.ruleset import Rule, RuleSet, Test
from einvoice_validators.walk import Gathered, gather
from einvoice_validators.walk_text import gather_text
from einvoice_validators.where import Spot, findings, with_terms
from einvoice_validators.xpath import EXACT, Aborted

NOT_COMPUTED = "not-computed"


class Use(NamedTuple):
    """A layer that a rule belongs to, and how much it weighs there."""

    layer: int
    severity: Severity


class Program:
    """Rule sets made ready to run on documents of one syntax; made once, used for every document, safe to share."""

    def __init__(self, sets: Sequence[RuleSet], syntax: Syntax) -> None:
        self.sets = tuple(sets)
        self.uses: dict[Rule, tuple[Use, ...]] = {}
        for number, ruleset in enumerate(self.sets):
            for rule in dict.fromkeys(ruleset.rules):
                if any(context.syntax is syntax for context in rule.contexts):
                    self.uses[rule] = (*self.uses.get(rule, ()), Use(number, ruleset.severity(rule)))
        self.plan = Plan(self.uses, syntax)

    def check(self, root: etree._Element) -> tuple[Layer, list[Layer]]:
        """The layer "structure", and those of the rule sets, which are not asked where the structure is not valid."""
        text = structure.written(root)
        if quick := self.pass_over(root, text):
            version, gathered = quick
            return Layer.judged("structure", version, ()), self.judge(root, gathered)
        own = structure.layer(root, text)
        own = Layer.judged(own.name, own.version, with_terms(ROOTS[root.tag], own.findings))
        return own, self.judge(root, gather(self.plan, root)) if own.verdict is Verdict.VALID else []

    def run(self, root: etree._Element) -> list[Layer]:
        """The layer of each rule set for a document whose structure is valid; `root` is the invoice's own element."""
        quick = self.pass_over(root, structure.written(root))
        return self.judge(root, quick[1] if quick else gather(self.plan, root))

    def pass_over(self, root: etree._Element, text: str) -> tuple[str, Gathered] | None:
        """One quick pass over the text of a document: the version of the structure, which is surely valid, and the facts.

        None where the structure check and the walk over the tree have to decide. `text` is what `structure.written(root)` gives.
        """
        if "<!" in text or "<?" in text:
            return None
        try:
            begin, version = structure.begin(root, text)
            with localcontext(EXACT):
                return version, gather_text(self.plan, text, begin)
        except Doubt:
            return None

    def judge(self, root: etree._Element, gathered: Gathered) -> list[Layer]:
        """The layer of each rule set, of what a walk over the document left."""
        with localcontext(EXACT):
            spots = [Spot(broken.rule, index, None, broken.abort) for broken, index in gathered.broken]
            asked: dict[Test, object] = {}
            for place, facts in gathered.groups.values():
                _test(place.plain, facts, spots)
                for gate, chains in place.gates.items():
                    if gate is None or _opens(gate, gathered.document, asked):
                        for chain in chains:
                            self._chain(chain, facts, gathered.document, asked, spots)
        layers = self._layers(root, spots) if spots else [Layer(each.name, each.version, Verdict.VALID) for each in self.sets]
        gathered.release()
        return layers

    def _chain(self, chain: Chain, facts: list[Fact], document: Fact, asked: dict[Test, object], spots: list[Spot]) -> None:
        """Runs the rules of the first context of a pattern that each fact meets; conditions on the document are asked once."""
        for context in chain:
            rules = self.plan.tests[context]
            try:
                if (when := context.when) is not None:
                    if when not in asked:
                        asked[when] = meets(when, document)
                    if not asked[when]:
                        continue
                if (where := context.where) is None:
                    return _test(rules, facts, spots)
                chosen = _chosen(where, facts)
            except Exception as fault:  # a condition that cannot be computed leaves every rule behind it open
                behind = next(rule for each in chain for rule, _ in self.plan.tests[each])
                spots.append(Spot(behind, document.index, None, said(fault)))
                continue
            if chosen:
                _test(rules, chosen, spots)
                if len(chosen) == len(facts):
                    return None
                met = set(map(id, chosen))
                facts = [fact for fact in facts if id(fact) not in met]
        return None

    def _layers(self, root: etree._Element, spots: list[Spot]) -> list[Layer]:
        found: list[list[Finding]] = [[] for _ in self.sets]
        for spot, made in findings(root, spots):
            for layer, severity in self.uses[spot.rule]:
                found[layer].append(made(severity) if spot.abort is None else _uncomputed(made(Severity.FATAL), spot))
        return [
            Layer.judged(ruleset.name, ruleset.version, tuple(sorted(found[number], key=lambda each: each.line or 0)))
            for number, ruleset in enumerate(self.sets)
        ]


def _opens(gate: Test, document: Fact, asked: dict[Test, object]) -> bool:
    """Whether the condition on the document holds; where it cannot be computed, the chains behind it say so."""
    try:
        if gate not in asked:
            asked[gate] = meets(gate, document)
    except Exception:
        return True
    return bool(asked[gate])


def _chosen(where: Test, facts: list[Fact]) -> list[Fact]:
    """The facts that meet a condition."""
    try:
        return [fact for fact in facts if where(fact)]
    except Aborted:
        return [fact for fact in facts if meets(where, fact)]


def _test(tests: Tests, facts: list[Fact], spots: list[Spot]) -> None:
    """Holds each fact against each rule. What cannot be computed is never taken for held."""
    if len(facts) == 1:
        _test_one(tests, facts[0], spots)
        return
    for rule, holds in tests:
        try:
            for fact in facts:
                if not holds(fact):
                    spots.append(Spot(rule, fact.index, fact, None))
        except Exception as fault:
            spots.append(Spot(rule, fact.index, fact, said(fault)))


def _test_one(tests: Tests, fact: Fact, spots: list[Spot]) -> None:
    for rule, holds in tests:
        try:
            if not holds(fact):
                spots.append(Spot(rule, fact.index, fact, None))
        except Exception as fault:
            spots.append(Spot(rule, fact.index, fact, said(fault)))


def _uncomputed(found: Finding, spot: Spot) -> Finding:
    """The finding of a rule that could not be computed: the official processor gives no result either, so nothing is valid."""
    text = f"{spot.rule.id} cannot be computed here ({spot.abort}); the official processor gives no result, so the layer is not valid"
    return Finding(NOT_COMPUTED, Severity.FATAL, text, found.term, found.xpath, found.line, found.value)
