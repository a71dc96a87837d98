"""What a finding says: the id, the weight, the place that it leads to, the value there, the business term, and a sentence of ours."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from lxml import etree

from einvoice.errors import DocumentError
from einvoice.formats.guard import parse
from einvoice.formats.syntax import NAMESPACES, ROOTS
from einvoice.report import Finding, Severity
from einvoice_validators.layers import HOMES, ruleset
from einvoice_validators.validate import validate_parsed
from einvoice_validators.where import LONGEST_VALUE
from tests import stylesheets
from tests.corpora import cases
from tests.evidence import Figure, NotMeasured, corpora, figure, scaled

PREFIXES = {**NAMESPACES, "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
TERM = re.compile(r"B[TG]-(DEX-)?[0-9]+(-[0-9]+)?")
ENGLISH = {"the", "a", "an", "is", "are", "be", "of", "in", "not", "has", "lacks", "or", "and", "to", "one", "its", "add"}
ABSENT = re.compile(r"/@[^/]*$")  # names an attribute that is not there
STEP = re.compile(r"(?<=/)\*:([^/\[]+)")


@cache
def sample() -> tuple[int, tuple[tuple[etree._Element, Finding], ...]]:
    """How many documents were checked, and each finding with the root of its document, parsed anew by lxml."""
    found: list[tuple[etree._Element, Finding]] = []
    chosen = list(cases(corpora()))
    chosen = chosen[:: max(1, len(chosen) // scaled(len(chosen)))]
    count = 0
    for case in chosen:
        try:
            report = validate_parsed(parse(case.path))
        except DocumentError:
            continue
        count += 1
        if report.findings:
            tree = etree.parse(case.path, etree.XMLParser(huge_tree=True, no_network=True))
            root = next(element for element in tree.iter(etree.Element) if element.tag in ROOTS)
            found += [(root, finding) for finding in report.findings]
    return count, tuple(found)


def places(root: etree._Element, xpath: str) -> list[object]:
    """What an XPath of ours leads to, below the invoice's own element: elements, or the text of an attribute."""
    _, _, below = xpath.removeprefix("/").partition("/")
    steps = STEP.sub(r"*[local-name()='\1']", "./" + below)
    return list(root.xpath(steps if below else ".", namespaces=PREFIXES))


def faults(root: etree._Element, finding: Finding) -> Iterator[str]:
    """What a finding lacks."""
    if not finding.rule or finding.severity not in Severity:
        yield "no id or severity"
    if not english(finding.text):
        yield "no English text"
    if not finding.xpath or not finding.line:
        yield "no place"
        return
    structural = finding.rule.startswith("structure-")
    xpath = ABSENT.sub("", finding.xpath) if finding.rule == "structure-attribute" else finding.xpath
    found = places(root, xpath)
    if len(found) != 1:
        yield f"its XPath leads to {len(found)} places"
        return
    [place] = found
    element = place if isinstance(place, etree._Element) else place.getparent()  # type: ignore[attr-defined]
    if element.sourceline != finding.line:
        yield "another line"
    if not (finding.value is None or told(element, finding.value) if structural else finding.value == shown(place)):
        yield "another value"


def english(text: str) -> bool:
    """Whether a sentence has one of the words without which few English ones can do."""
    return bool(ENGLISH & set(re.findall(r"[a-z]+", text.lower()))) and text.isprintable()


def told(element: etree._Element, value: str) -> bool:
    """Whether a value that the structure check tells is that of an element or of its attributes; white space is not told."""
    values = [str(element.xpath("string()")), *element.attrib.values()]
    return " ".join(value.rstrip("…").split()) in "\n".join(" ".join(each.split()) for each in values)


def shown(place: object) -> str | None:
    """The text of an element without elements inside, or of an attribute, as findings quote it."""
    if not isinstance(place, etree._Element):
        text = str(place)
    elif any(True for _ in place.iterchildren(etree.Element)):
        return None
    else:
        text = str(place.xpath("string()"))
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


@figure("findings-place", bar="every finding has id, severity, an English text, and an XPath that leads to its line and value", item=2)
def findings_place() -> Figure:
    """Findings of the structure may tell no value, and name the element that lacks an attribute by the attribute."""
    count, found = sample()
    wrong = Counter(f"{fault} ({finding.rule})" for root, finding in found for fault in faults(root, finding))
    worst = ", ".join(f"{number} × {fault}" for fault, number in wrong.most_common(5))
    return Figure(f"{len(found):,} findings in {count:,} documents; wrong: {worst or 'none'}", bool(found) and not wrong)


@figure("findings-term", bar="at least 95 % of the findings of rules name a business term or group (BT, BG)", item=2)
def findings_term() -> Figure:
    """Those of the structure are told, too: what a whole document lacks is at no term."""
    count, found = sample()
    rules = [finding for _, finding in found if not finding.rule.startswith("structure-")]
    structure = [finding for _, finding in found if finding.rule.startswith("structure-")]
    without = Counter(finding.rule for finding in rules if not named(finding))
    share = 1 - without.total() / max(1, len(rules))
    worst = ", ".join(f"{rule} {number}" for rule, number in without.most_common(5))
    value = f"{100 * share:.1f} % of {len(rules):,} findings of rules in {count:,} documents; most without: {worst or 'none'}"
    beside = f"; of the structure {100 * sum(map(named, structure)) / max(1, len(structure)):.1f} % of {len(structure):,}"
    return Figure(value + beside, bool(rules) and share >= 0.95)


def named(finding: Finding) -> bool:
    """Whether a finding names a term or group."""
    return bool(finding.term and TERM.fullmatch(finding.term))


def plain(text: str) -> str:
    """A sentence without its id, case, punctuation and white space."""
    text = re.sub(r"^\s*\[[^\]]*\]\s*[-–:]?", "", text)
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def official_texts(layer: str) -> set[str]:
    """What the stylesheet of a layer says where a rule is broken, made plain."""
    tree = etree.parse(stylesheets.stylesheet(layer), etree.XMLParser(huge_tree=True, no_network=True))
    return {plain("".join(text.itertext(etree.Element))) for text in tree.iter(f"{stylesheets.SVRL}text")} - {""}


@figure("texts-own", bar="every rule of every set has a sentence of ours, none of them an official text", item=2)
def texts_own() -> Figure:
    texts = {(name, rule.id): rule.text for name in HOMES for rule in ruleset(name).rules}
    without = [f"{name} {rule}" for (name, rule), text in texts.items() if not english(text)]
    theirs, absent = set[str](), []
    for layer in stylesheets.STYLESHEETS:
        try:
            theirs |= official_texts(layer)
        except stylesheets.Absent:
            absent.append(layer)
    if not theirs:
        raise NotMeasured("no official stylesheet is here")
    equal = [f"{name} {rule}" for (name, rule), text in texts.items() if plain(text) in theirs]
    beside = f"; without an artefact here: {', '.join(absent)}" if absent else ""
    value = f"{len(texts):,} rules beside {len(theirs):,} official texts; without: {without[:5] or 'none'}; equal: {equal[:5] or 'none'}"
    return Figure(value + beside, not without and not equal)
