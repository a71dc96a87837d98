"""Derive the tables of rows from the official Schematron, which its user has.

usage: python -m einvoice_schemas.rules.derive --cen DIR --output DIR

DIR holds the preprocessed .sch files of CEN's validation artefacts, for UBL and for CII, in whatever folders. A test that says
no more than that paths lead nowhere, or to so many elements at most, becomes a row; the others are printed, for a person to write.
Raises ValueError where an artefact is missing or no Schematron.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

SCH = "{http://purl.oclc.org/dsdl/schematron}"
FILES = {"en16931-ubl": "EN16931-UBL-validation-preprocessed.sch", "en16931-cii": "EN16931-CII-validation-preprocessed.sch"}
SOURCE = "CEN/TC 434, validation artefacts of EN 16931 for {}"
ROOTS = {"/ubl:Invoice", "/cn:CreditNote"}
ANY_ROOT = "/*"

_version = re.compile(r"Schematron version (\d+(?:\.\d+)*)")
_step = r"(?:\w+:)?\w+"
_path = re.compile(rf"(?://)?{_step}(?:/{_step})*(?:/@\w+)?|(?://)?@\w+")
_context = re.compile(rf"/{{0,2}}{_step}(?:/{_step})*")
_ending = re.compile(r"//(\w+:)?\*\[ends-with\(name\(\), ?'(\w+)'\)\]")
_beginning = re.compile(r"//(\w+:)?\*\[ends-with\(name\(\), ?'(\w+)'\)")
_group = re.compile(rf"\(({_step}(?:\|{_step})*)\)(/.*)")
_none = re.compile(r"not ?\((.*)\)")
_count = re.compile(r"count\((.*)\) ?(<=|=) ?(\d+)")


class Derived(NamedTuple):
    """One test as a row: a context, the paths from there, how many elements they may lead to."""

    id: str
    severity: str
    context: str
    paths: tuple[str, ...]
    most: int


class Rest(NamedTuple):
    """A test that is no row, and why."""

    id: str
    test: str
    reason: str


def derive(schematron: Path) -> tuple[str, list[Derived], list[Rest]]:
    """The version of an artefact, its rows, and what a person has to write."""
    text = schematron.read_text("utf-8")
    version = _version.search(text)
    root = ElementTree.fromstring(text)  # noqa: S314 - an official file that the user chose
    if version is None or root.tag != f"{SCH}schema":
        raise ValueError(f"{schematron} is no Schematron of CEN")
    found: list[Derived] = []
    rest: list[Rest] = []
    for pattern in root.iter(f"{SCH}pattern"):
        conditional: list[str] = []
        for rule in pattern.iter(f"{SCH}rule"):
            official = " ".join(rule.get("context", "").split())
            for each in _rows(rule, official, conditional):
                found.append(each) if isinstance(each, Derived) else rest.append(each)
            if row_context(official) is None:
                conditional += official.split("|")
    return version[1], found, rest


def _rows(rule: ElementTree.Element, official: str, conditional: list[str]) -> Iterator[Derived | Rest]:
    context = row_context(official)
    hidden = context is not None and any(_may_meet(one, other) for one in context.split("|") for other in conditional)
    for test in rule.iter(f"{SCH}assert"):
        wanted = " ".join(test.get("test", "").split())
        identity, severity = test.get("id", ""), test.get("flag", "fatal")
        row = limit(wanted)
        if context is None:
            yield Rest(identity, wanted, "its context is conditional")
        elif row is None:
            yield Rest(identity, wanted, "more than paths")
        elif hidden:
            yield Rest(identity, wanted, "an earlier, conditional context may hide its own")
        elif any(path.startswith("//") for path in row[0]) and not _is_root(context):
            yield Rest(identity, wanted, "it looks at the whole document from within it")
        elif row[1] and any("@" in path for path in row[0]):
            yield Rest(identity, wanted, "it counts attributes")
        else:
            paths = tuple(path.replace("//", ".//", 1) if path.startswith("//") else path for path in row[0])
            yield Derived(identity, severity, context, paths if not row[1] else ("|".join(paths),), row[1])


def _is_root(context: str) -> bool:
    return context.startswith("/") and context.count("/") == 1


def row_context(official: str) -> str | None:
    """A context in the words of the engine; None where it depends on more than where the element stands."""
    alternatives = [each.strip() for each in official.split("|")]
    if ROOTS.issuperset(alternatives):
        return ANY_ROOT
    found = []
    for each in alternatives:
        if ending := _ending.fullmatch(each):
            found.append(f"{ending[1] or ''}*{ending[2]}")
        elif _context.fullmatch(each):
            found.append(each.removeprefix("//"))
        else:
            return None
    return " | ".join(found)


def limit(test: str) -> tuple[tuple[str, ...], int] | None:
    """The paths of a test and how many elements they may lead to; None where it says more, or something else."""
    test = _bare(test)
    if count := _count.fullmatch(test):
        paths = _paths(count[1])
        most = int(count[3])
        return None if paths is None or (count[2] == "=" and most) else (paths, most)
    found: list[str] = []
    for part in test.split(" and "):
        none = _none.fullmatch(_bare(part))
        paths = _paths(none[1]) if none else None
        if paths is None:
            return None
        found += paths
    return tuple(found), 0


def _bare(text: str) -> str:
    """Without the parentheses around the whole."""
    text = text.strip()
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    depth = 0
    for position, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth:
            return position
    return -1


def _paths(text: str) -> tuple[str, ...] | None:
    """The paths of `a | b` or `(a|b)/c`; None where there is a predicate or anything else in them."""
    text = _bare(text)
    group = _group.fullmatch(text)
    alternatives = [f"{each}{group[2]}" for each in group[1].split("|")] if group else [each.strip() for each in text.split("|")]
    return tuple(alternatives) if all(_path.fullmatch(each) for each in alternatives) else None


def _may_meet(context: str, conditional: str) -> bool:
    """Whether an element may be both, going by the names of the steps alone."""
    begin = _beginning.match(conditional)
    theirs = [f"{begin[1] or ''}*{begin[2]}"] if begin else re.sub(r"\[.*\]", "", conditional).strip().strip("/").split("/")
    ours = min(ROOTS) if context == ANY_ROOT else context.strip()
    return all(_same(one, other) for one, other in zip(reversed(ours.strip("/").split("/")), reversed(theirs), strict=False))


def _same(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def table(source: str, version: str, rows: list[Derived]) -> str:
    """The JSON of a table, a row a line."""
    groups: dict[tuple[str, str, int], dict[str, Any]] = {}
    for row in rows:
        groups.setdefault((row.severity, row.context, row.most), {})[row.id] = row.paths[0] if len(row.paths) == 1 else list(row.paths)
    lines = []
    for (severity, context, most), found in groups.items():
        head = json.dumps({"severity": severity, "context": context, "most": most})[:-1]
        body = ",\n".join(f"{json.dumps(identity)}: {json.dumps(paths)}" for identity, paths in found.items())
        lines.append(f'{head}, "rows": {{\n{body}}}}}')
    head = json.dumps({"source": source, "version": version})[:-1]
    return f'{head}, "groups": [\n' + ",\n".join(lines) + "]}\n"


def tables(folder: Path) -> Iterator[tuple[str, str, list[Rest]]]:
    """The name, the JSON and the rest of each table that a folder of artefacts gives."""
    for name, file in FILES.items():
        schematron = next(iter(sorted(folder.rglob(file))), None)
        if schematron is None:
            raise ValueError(f"there is no {file} in {folder}")
        version, rows, rest = derive(schematron)
        yield name, table(SOURCE.format(name.rpartition("-")[2].upper()), version, rows), rest


def main() -> None:
    """Read the command line, derive, write."""
    parser = argparse.ArgumentParser(description="Derive the tables of rows from the official Schematron.")
    parser.add_argument("--cen", type=Path, required=True, help="a folder with the preprocessed .sch files")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="where the tables go")
    given = parser.parse_args()
    for name, text, rest in tables(given.cen):
        (given.output / f"{name}.json").write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {text.count(chr(10))} lines; not a row: {len(rest)}\n")
        for each in rest:
            sys.stdout.write(f"  {each.id} ({each.reason}): {each.test[:160]}\n")


if __name__ == "__main__":
    main()
