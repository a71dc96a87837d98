"""The quick walk over the text and the walk over the tree leave the same facts and the same broken rules."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from lxml import etree

from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.formats.structure.fast import Doubt
from einvoice.formats.syntax import Syntax
from einvoice.report import Severity, Verdict
from einvoice_validators.facts import Fact
from einvoice_validators.layers import HOMES, program
from einvoice_validators.places import Plan
from einvoice_validators.walk import Gathered, gather
from einvoice_validators.walk_text import gather_text
from einvoice_validators.xpath import Several, Uncast
from tests.agreement.mutation import mutate
from tests.corpora import ABSENT, Case, cases, folder
from tests.scale import scaled

LINKS = ("parent", "document")


def left(found: Gathered) -> tuple[Any, ...]:
    """Everything that a walk leaves, in a form that can be compared."""
    broken = sorted((fault.rule.id, fault.abort or "", index) for fault, index in found.broken)
    return broken, {place.path: [values(fact) for fact in facts] for place, facts in found.groups.values()}


def values(fact: Fact) -> dict[str, Any]:
    """A fact's values; facts within are named by their element."""
    return {key: shown(value) for key, value in vars(fact).items() if key not in LINKS} | {"name": fact.name}


def shown(value: Any) -> Any:
    if isinstance(value, (list, Several)):
        return [shown(each) for each in value]
    if isinstance(value, Uncast):
        return repr(value)
    return ("fact", value.index) if isinstance(value, Fact) else value


def plan(syntax: Syntax) -> Plan:
    return program(tuple(HOMES), syntax).plan


def same(root: etree._Element, syntax: Syntax) -> bool | None:
    """Whether both walks leave the same; None where the quick one passes."""
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    if "<!" in text or "<?" in text:
        return None
    try:
        quick = gather_text(plan(syntax), text, structure.begin(root, text)[0])
    except Doubt:
        return None
    return left(quick) == left(gather(plan(syntax), root))


@pytest.mark.skipif(folder() is None, reason=ABSENT)
def test_the_quick_pass_calls_no_structure_valid_that_is_not() -> None:
    home = folder()
    assert home is not None
    verdicts: dict[bool, int] = {True: 0, False: 0}
    for case in list(cases(home))[::7]:
        if case.xsd_valid is None or b"<!DOCTYPE" in case.path.read_bytes():
            continue
        parsed = parse(case.path)
        first = program(("en16931",), parsed.document.syntax).check(parsed.root)[0]
        assert first.verdict is structure.layer(parsed.root).verdict, case.path
        verdicts[first.verdict is Verdict.VALID] += 1
    assert min(verdicts.values()) > 50


@pytest.mark.slow
@pytest.mark.skipif(folder() is None, reason=ABSENT)
def test_both_walks_leave_the_same() -> None:
    home = folder()
    assert home is not None
    chosen: list[Case] = [case for case in cases(home) if case.xsd_valid and b"<!DOCTYPE" not in case.path.read_bytes()]
    chosen = chosen[:: max(1, len(chosen) // scaled(len(chosen)))]
    random, quick = Random(7), 0
    for case in chosen:
        parsed = parse(case.path)
        roots = [parsed.root]
        changed = etree.fromstring(etree.tostring(parsed.root))
        mutate(random, changed, parse(random.choice(chosen).path).root)
        if all(found.severity is not Severity.FATAL for found in structure.check(changed)):
            roots.append(changed)
        for root in roots:
            answer = same(root, parsed.document.syntax)
            assert answer is not False, case.path
            quick += answer is True
    assert quick > len(chosen) // 2  # the quick walk is the usual one
