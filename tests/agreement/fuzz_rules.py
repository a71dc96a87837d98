"""Native rules beside the official stylesheets on random mutants.

`python -m tests.agreement.fuzz_rules peppol [--count 2000] [--artefacts DIR]`.

Mutants are made of corpora files; those that the structure check refuses are skipped. The official stylesheets come from where
`tests.stylesheets` has them; `--artefacts` names the folder that is searched first.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

from lxml import etree

from einvoice.errors import DocumentError
from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.report import Layer, Severity, Verdict
from einvoice_validators.layers import program
from tests import stylesheets
from tests.agreement.mutation import mutate
from tests.agreement.verdicts import LAYERS, files, ids

Judge = Callable[[bytes], "dict[str, set[str]] | None"]


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
    parser.add_argument("--artefacts", help=f"a folder of official stylesheets; {stylesheets.FOLDER} unless told")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for one file of each kind of difference")
    options = parser.parse_args()
    if options.artefacts:
        os.environ[stylesheets.FOLDER] = options.artefacts
    judge = partial(stylesheets.broken, options.layer)
    differences, seen = compare(options.layer, judge, options.count, options.seed, options.keep)
    print(f"{options.layer}: {options.count} mutants, {len(seen)} rules fired, {sum(differences.values())} differences")
    for kind, number in differences.most_common(40):
        print(f"  {kind} {number}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
