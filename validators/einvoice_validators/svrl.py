"""Reads the report of a Schematron stylesheet (SVRL) into findings, each at its place in the tree that was judged."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from einvoice.formats.location import Locator
from einvoice.formats.syntax import ROOTS
from einvoice.report import Finding, Severity
from einvoice_validators.where import LONGEST_VALUE, term_at

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_REPORT, _FIRED = _SVRL + "schematron-output", _SVRL + "fired-rule"
_BROKEN = (_SVRL + "failed-assert", _SVRL + "successful-report")
_TEXT = _SVRL + "text"

_SEVERITIES = {"warning": Severity.WARNING, "warn": Severity.WARNING, "information": Severity.INFORMATION, "info": Severity.INFORMATION}
"""By the flag of a rule; every other flag is fatal, and so is none."""

_STEP = re.compile(r"/(@?)(?:\*:|Q\{([^}]*)\}|[\w.-]+:)?(\*|[\w.-]+)((?:\[[^\]]*\])*)")
_NAMESPACE = re.compile(r"namespace-uri\(\)\s*=\s*['\"]([^'\"]*)['\"]")
_LOCAL = re.compile(r"local-name\(\)\s*=\s*['\"]([^'\"]*)['\"]")
_POSITION = re.compile(r"\[([0-9]+)\]")

LONGEST_TEXT = 2_000


class Incomplete(Exception):
    """A report from which no verdict follows."""


def findings(report: str, root: etree._Element) -> tuple[Finding, ...]:
    """The rules that a report calls broken, in its order.

    Raises Incomplete where it is no report, or where no rule was tested at all.
    """
    output = _parsed(report)
    if not any(True for _ in output.iterchildren(_FIRED)):
        raise Incomplete("none of its rules applies to the document")
    places = Places(root)
    return tuple(_finding(each, places) for each in output.iterchildren(*_BROKEN))


def _parsed(report: str) -> etree._Element:
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False, load_dtd=False, no_network=True)
    try:
        output = etree.fromstring(report.encode("utf-8"), parser)
    except etree.XMLSyntaxError as fault:
        raise Incomplete(f"its report is cut off or no XML: {fault.msg}") from None
    if output.tag != _REPORT:
        raise Incomplete(f"it gave no report but {output.tag}")
    return output


def _finding(broken: etree._Element, places: Places) -> Finding:
    rule = broken.get("id") or f"REPORT:{broken.get('test', '')[:60]}"
    severity = _SEVERITIES.get(broken.get("flag", "").lower(), Severity.FATAL)
    return Finding(rule, severity, _text(broken, rule), **places.at(broken.get("location", "")))


def _text(broken: etree._Element, rule: str) -> str:
    """The official text, without the id that often stands before it."""
    text = " ".join("".join(broken.itertext(_TEXT, etree.Element)).split())
    return text.removeprefix(f"[{rule}]").lstrip(" -")[:LONGEST_TEXT]


class Places:
    """Resolves the locations of a report in the tree that was judged; each location and each parent's children once."""

    def __init__(self, root: etree._Element) -> None:
        self.root, self.document = root, ROOTS[root.tag]
        self.locator = Locator(root)
        self.known: dict[str, dict[str, Any]] = {}
        self.children: dict[etree._Element, dict[tuple[str | None, str], list[etree._Element]]] = {}

    def at(self, location: str) -> dict[str, Any]:
        """Term, XPath, line and value of a location; the location alone where it leads nowhere."""
        if location not in self.known:
            self.known[location] = self._at(location)
        return self.known[location]

    def _at(self, location: str) -> dict[str, Any]:
        element, attribute = self._found(location)
        if element is None:
            return {"xpath": location[:LONGEST_TEXT] or None}
        path = self.locator.path(element) + (f"/@{attribute}" if attribute else "")
        value = element.get(attribute) if attribute else _value(element)
        return {"term": term_at(self.document, path), "xpath": path, "line": element.sourceline, "value": value}

    def _found(self, location: str) -> tuple[etree._Element | None, str | None]:
        """The element that the steps lead to, and the attribute at their end."""
        element: etree._Element | None = None
        for step in _STEP.finditer(location):
            uri, local, position = _named(step)
            if step[1]:
                return element, f"{{{uri}}}{local}" if uri else local
            found = self._root(local) if element is None else self._below(element).get((uri, local), [])
            if not 0 < position <= len(found):
                return None, None
            element = found[position - 1]
        return element, None

    def _root(self, local: str) -> list[etree._Element]:
        return [self.root] if etree.QName(self.root).localname == local else []

    def _below(self, parent: etree._Element) -> dict[tuple[str | None, str], list[etree._Element]]:
        """The children of an element by name, with namespace and without."""
        if parent not in self.children:
            named: dict[tuple[str | None, str], list[etree._Element]] = {}
            for child in parent.iterchildren(etree.Element):
                name = etree.QName(child)
                for uri in (name.namespace or "", None):
                    named.setdefault((uri, name.localname), []).append(child)
            self.children[parent] = named
        return self.children[parent]


def _named(step: re.Match[str]) -> tuple[str | None, str, int]:
    """Namespace, None where it is not said, local name and position of a step."""
    uri, name, predicates = step[2], step[3], step[4]
    if said := _NAMESPACE.search(predicates):
        uri = said[1]
    if said := _LOCAL.search(predicates):
        name = said[1]
    position = _POSITION.search(predicates)
    return uri, name, int(position[1]) if position else 1


def _value(element: etree._Element) -> str | None:
    """The text found; None for an element with elements inside."""
    if element.find("*") is not None:
        return None
    text = "".join(element.itertext(etree.Element))
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
