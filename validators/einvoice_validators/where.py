"""Where a rule is broken: XPath, line, value and business term, worked out for findings only, all in one pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from lxml import etree

from einvoice.formats.location import Locator
from einvoice.formats.syntax import NAMESPACES, ROOTS, Document
from einvoice.report import Finding, Severity
from einvoice_schemas.terms.places import places
from einvoice_validators.facts import Fact
from einvoice_validators.ruleset import Context, Rule

LONGEST_VALUE = 200
_term = re.compile(r"\bB[TG]-[0-9]+(?:-[0-9]+)?\b")
_position = re.compile(r"\[[0-9]+\]")
PREFIXES = {**NAMESPACES, "ubl": NAMESPACES["inv"]}


class Spot(NamedTuple):
    """A broken rule, the number of the element in document order, its fact where it has one, and why it could not be computed, if so."""

    rule: Rule
    number: int
    fact: Fact | None
    abort: str | None


def findings(root: etree._Element, spots: list[Spot]) -> Iterator[tuple[Spot, Callable[[Severity], Finding]]]:
    """Each spot with what makes its finding for a severity."""
    elements = _elements(root, {spot.number for spot in spots})
    where = Locator(root)
    document = ROOTS[root.tag]
    for spot in spots:
        element, attribute = _pointed(spot, elements[spot.number])
        path = where.path(element) + (f"/@{attribute}" if attribute else "")
        value = element.get(attribute) if attribute else _value(element)
        yield spot, _maker(spot.rule, term_at(document, path) or named_term(spot.rule.text), path, element.sourceline, value)


def _maker(rule: Rule, term: str | None, path: str, line: int | None, value: str | None) -> Callable[[Severity], Finding]:
    return lambda severity: Finding(rule.id, severity, rule.text, term, path, line, value)


def _elements(root: etree._Element, indexes: set[int]) -> dict[int, etree._Element]:
    """The elements of those indexes, in one pass that ends with the last."""
    wanted = sorted(indexes)
    elements = enumerate(root.iter())
    return {index: next(islice((element for at, element in elements if at == index), 1)) for index in wanted}


def _pointed(spot: Spot, element: etree._Element) -> tuple[etree._Element, str | None]:
    """The element that the rule is about, and its attribute: what `at` leads to, where it leads anywhere."""
    at = spot.rule.at
    if spot.fact is not None and at:
        for context in spot.rule.contexts:
            if isinstance(context, Context) and at in context.reads:
                at = context.reads[at].path
                break
    for way in at.split("|") if at and "*" not in at else ():
        way, _, attribute = way.strip().partition("@")
        found = element.find(way.rstrip("/") or ".", PREFIXES) if way.strip("/") not in ("", ".") else element
        if found is not None and (not attribute or found.get(attribute) is not None):
            return found, attribute or None
    return element, None


def _value(element: etree._Element) -> str | None:
    """The text found; None for an element with elements inside."""
    if element.find("*") is not None:
        return None
    text = "".join(element.itertext(etree.Element))
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def named_term(text: str) -> str | None:
    """The first BT or BG id that a sentence names."""
    found = _term.search(text)
    return found[0] if found else None


def with_terms(document: Document, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of the structure check with the term of the place that each points at."""
    return tuple(each._replace(term=each.term or term_at(document, each.xpath or "")) for each in findings)


def term_at(document: Document, path: str) -> str | None:
    """The BT or BG id of what stands at a path, or of the nearest group around it."""
    known = places(document)
    bare = _position.sub("", path)
    while bare and bare not in known:
        bare = bare.rpartition("/")[0]
    return known.get(bare)
