"""What an official rule file says of code lists: its tests by rule id, and its variables.

Reads Schematron (`assert`, `let`) and the stylesheets compiled from it (`svrl:failed-assert`, `xsl:variable`) alike.
The files are the user's own copies; nothing of them is kept here but the codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

SUFFIXES = (".sch", ".xsl", ".xslt")
_LITERAL = re.compile(r"'([^']*)'")
_VARIABLE = re.compile(r"\$([\w-]+)")


class Rules(NamedTuple):
    """`tests`: rule id to the XPath tests under that id; `variables`: name to expression."""

    tests: dict[str, list[str]]
    variables: dict[str, str]

    def literals(self, rule: str) -> list[tuple[str, ...]]:
        """The lists of words that stand as literals in the tests of a rule, or in variables they use; one list a literal."""
        found = [each for test in self.tests.get(rule, []) for each in self._literals(test)]
        return [each for each in dict.fromkeys(found) if each]

    def _literals(self, expression: str, depth: int = 0) -> Iterator[tuple[str, ...]]:
        for literal in _LITERAL.findall(expression):
            yield _words(literal, tokenized="tokenize(" in expression)
        if depth < 3:
            for name in _VARIABLE.findall(_LITERAL.sub("", expression)):
                yield from self._literals(self.variables.get(name, ""), depth + 1)


def read(path: Path) -> Rules:
    """The rules of one file; a rule compiled for several contexts has several tests."""
    tests: dict[str, list[str]] = {}
    variables: dict[str, str] = {}
    for element in ET.parse(path).iter():  # noqa: S314 - rule files that the user got from their publisher
        tag = element.tag.rpartition("}")[2]
        if tag in ("let", "variable", "param") and element.get("name"):
            value = element.get("value") or element.get("select")
            if value:
                variables.setdefault(str(element.get("name")), value)
        elif tag in ("assert", "report", "failed-assert", "successful-report") and element.get("test"):
            tests.setdefault(_identifier(element), []).append(str(element.get("test")))
    return Rules(tests, variables)


def merge(every: Iterable[Rules]) -> Rules:
    """Several files as one: the tests of all of them; of a variable that is declared twice the first counts."""
    tests: dict[str, list[str]] = {}
    variables: dict[str, str] = {}
    for each in every:
        for rule, found in each.tests.items():
            tests.setdefault(rule, []).extend(found)
        variables = {**each.variables, **variables}
    return Rules(tests, variables)


def files(folder: Path) -> list[Path]:
    """The rule files under a folder, or the file itself, in order of their path."""
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def _words(literal: str, *, tokenized: bool) -> tuple[str, ...]:
    """The words a test can find in a literal, each once.

    A test of the form `contains(' A B ', concat(' ', x, ' '))` finds no word that lacks a space on one side: where the list's
    first or last word stands at the quote, that code does not pass, though it is listed.
    """
    words = list(dict.fromkeys(literal.split()))
    if tokenized or len(words) < 2:
        return tuple(words)
    first = 0 if literal[0].isspace() else 1
    return tuple(words[first:] if literal[-1].isspace() else words[first:-1])


def _identifier(element: ET.Element) -> str:
    """An assertion's id: an attribute in Schematron, an `xsl:attribute` in a stylesheet."""
    given = element.get("id")
    if given:
        return given
    return next((child.text or "" for child in element if child.get("name") == "id"), "")
