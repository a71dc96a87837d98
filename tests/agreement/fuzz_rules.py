"""Native rules beside the official stylesheets on random mutants.

`python -m tests.agreement.fuzz_rules peppol --artefacts DIR [--count 2000]`.

Mutants are made of corpora files and of our own documents; those that the structure check refuses are skipped. The official
stylesheets are not part of this repository: `--artefacts` is a folder that has them, by name.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from lxml import etree

from einvoice.errors import DocumentError
from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.report import Layer, Severity, Verdict
from einvoice_validators.layers import program
from tests.agreement.mutation import mutate
from tests.agreement.verdicts import LAYERS, files, ids

NAMES = {
    "en16931-ubl": "1.3.16/ubl/EN16931-UBL-validation.xslt",
    "en16931-cii": "1.3.16/cii/EN16931-CII-validation.xslt",
    "peppol": "2026.5/xslt/PEPPOL-EN16931-UBL.xslt",
    "peppol-sb": "2026.5/xslt/PEPPOL-EN16931-UBL-SB.xslt",
    "xrechnung-ubl": "3.0.2/XRechnung-UBL-validation.xslt",
    "xrechnung-cii": "3.0.2/XRechnung-CII-validation.xslt",
    "nlcius-ubl": "si-ubl-2.0.3.13.xslt",
    "nlcius-cii": "nlcius-cii-1.0.3.13.xslt",
    "nlcius-gaccount": "si-ubl-2.0-ext-gaccount-1.0.13.xslt",
}
Judge = Callable[[bytes], "dict[str, set[str]] | None"]
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@cache
def processor() -> Any:
    """Saxon, once."""
    from saxonche import PySaxonProcessor

    return PySaxonProcessor(license=False)


@cache
def stylesheet(path: Path) -> Any:
    """A compiled stylesheet."""
    return processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


def official(path: Path, document: bytes) -> dict[str, set[str]] | None:
    """The ids by severity that a stylesheet finds; None where it aborts."""
    try:
        node = processor().parse_xml(xml_text=document.decode("utf-8"))
        report = stylesheet(path).transform_to_string(xdm_node=node)
    except Exception:
        return None
    if not report:
        return None
    found: dict[str, set[str]] = {"fatal": set(), "warning": set(), "information": set()}
    for each in etree.fromstring(report.encode("utf-8"), etree.XMLParser(huge_tree=True)).iter(
        SVRL + "failed-assert", SVRL + "successful-report"
    ):
        found.setdefault(each.get("flag") or "fatal", set()).add(each.get("id") or f"REPORT:{(each.get('test') or '')[:60]}")
    return found


def mutants(layer: str, seed: int, count: int) -> Iterator[bytes]:
    """Structurally valid mutants of the files that the layer applies to."""
    random = Random(seed)
    originals = [path for path, _ in files(layer) if path.stat().st_size < 60_000 and b"<!DOCTYPE" not in path.read_bytes()]
    made = 0
    while made < count:
        root = etree.fromstring(etree.tostring(parse(random.choice(originals)).root))
        others = parse(random.choice(originals)).root
        for _ in range(random.choice((1, 1, 2, 3, 5))):
            mutate(random, root, others)
        data = etree.tostring(root, encoding="utf-8")
        if _sound(data):
            made += 1
            yield data


def _sound(data: bytes) -> bool:
    """Whether the rules are asked at all."""
    try:
        return all(found.severity is not Severity.FATAL for found in structure.check(parse(data).root))
    except DocumentError:
        return False


def compare(layer: str, judge: Judge, count: int, seed: int, keep: Path | None = None) -> tuple[Counter[str], Counter[str]]:
    """The differences between native and official on mutants, by rule, and how often each rule fired."""
    made = program((LAYERS[layer][0],), LAYERS[layer][1])
    differences: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for data in mutants(layer, seed, count):
        theirs = judge(data)
        ours = made.run(parse(data).root)[0]
        kinds = different(ours, theirs)
        seen.update(theirs["fatal"] | theirs["warning"] if theirs else {"(aborted)"})
        for kind in kinds:
            if keep and not differences[kind]:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{kind.replace(' ', '_')}.xml").write_bytes(data)
        differences.update(kinds)
    return differences, seen


def different(ours: Layer, theirs: dict[str, set[str]] | None) -> list[str]:
    """What only one of two answers says; where the official rules abort, ours is only not to be valid."""
    if theirs is None:
        return [] if ours.verdict is not Verdict.VALID else ["missed ABORT"]
    kinds = []
    for severity in (Severity.FATAL, Severity.WARNING):
        own = ids(ours, severity)
        kinds += [f"missed {rule}" for rule in theirs[severity] - own] + [f"added {rule}" for rule in own - theirs[severity]]
    return kinds


def main() -> int:
    """Prints the differences; 0 where there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layer", choices=LAYERS)
    parser.add_argument("--artefacts", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for one file of each kind of difference")
    options = parser.parse_args()
    path = next(found for found in options.artefacts.rglob("*.xslt") if str(found).endswith(NAMES[options.layer]))
    differences, seen = compare(options.layer, lambda data: official(path, data), options.count, options.seed, options.keep)
    print(f"{options.layer}: {options.count} mutants, {len(seen)} rules fired, {sum(differences.values())} differences")
    for kind, number in differences.most_common(40):
        print(f"  {kind} {number}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
