"""Our verdicts beside the official ones: on published files, on random mutants of them, and on our own examples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.report import Severity
from einvoice_validators.layers import program
from tests import stylesheets
from tests.agreement.completeness import missing, without_example
from tests.agreement.fuzz_rules import compare as compare_mutants
from tests.agreement.fuzz_rules import different
from tests.agreement.verdicts import LAYERS, Agreement, compare, files
from tests.evidence import Figure, NotMeasured, corpora, figure, scaled
from tests.examples import Example, all_examples

MUTANTS = 2_000
MUTATED = [layer for layer in LAYERS if os.environ.get("EINVOICE_OFFICIAL") or not layer.startswith("nlcius")]
"""The layers whose stylesheets can be had: NLCIUS 2.0.3.13 is published where a package index does not lead; a folder may have it."""


@cache
def agreement(layer: str) -> Agreement:
    corpora()
    found = list(files(layer))
    return compare(layer, found[:: max(1, len(found) // scaled(len(found)))])


def _agreement(layer: str) -> Figure:
    found = agreement(layer)
    worst = sorted({**found.missed, **found.added}, key=lambda rule: -len(found.missed[rule] + found.added[rule]))[:5]
    details = f"; differ: {', '.join(worst)}" if worst else ""
    same = f"{found.same_fatal} of {found.files} the same fatal ids, {found.same_verdict} the same verdict"
    rate = f"warnings {100 * found.same_warning / max(1, found.files):.2f} %"
    return Figure(f"{same}; {rate}; {len(found.seen)} rules fired{details}", 0 < found.files == found.same_fatal == found.same_verdict)


def _mutants(layer: str) -> Figure:
    corpora()
    try:
        stylesheets.stylesheet(layer)
        differences, seen = compare_mutants(layer, partial(stylesheets.broken, layer), scaled(MUTANTS), 2026)
    except stylesheets.Absent as absent:
        raise NotMeasured(str(absent)) from absent
    worst = ", ".join(f"{kind} {number}" for kind, number in differences.most_common(5))
    value = f"{sum(differences.values())} differences in {scaled(MUTANTS)} mutants, {len(seen)} rules fired"
    return Figure(value + (f": {worst}" if worst else ""), not differences)


def _judged(name: str, measure: Callable[[str], Figure], bar: str, layers: list[str]) -> None:
    for layer in layers:
        figure(f"{name}-{layer}", bar=bar, item=1)(_named(partial(measure, layer)))


def _named(measure: Callable[[], Figure]) -> Callable[[], Figure]:
    def run() -> Figure:
        return measure()

    run.__module__ = __name__
    return run


_judged(
    "agreement",
    _agreement,
    "on every structurally valid file with a verdict: the same fatal ids; where the official rules abort, not valid",
    list(LAYERS),
)
_judged("mutants", _mutants, "the same fatal and warning ids on every mutant", MUTATED)


@figure("agree-tool", bar="the corpora's own comparison, by the command line: every comparison equal, none absent", item=1)
def agree_tool() -> Figure:
    """Runs the comparison that lies beside the corpora. A file that the guard refuses for its DTD has layers that are not judged."""
    home = corpora()
    tool = Path(os.environ.get("EINVOICE_AGREE") or home.parent / "tools" / "agree.py")
    if not tool.is_file():
        raise NotMeasured("the comparison is not here: EINVOICE_AGREE names it")
    folders = [str(path.parent) for path in sorted(home.rglob("verdicts.jsonl"))]
    command = Path(sys.executable).with_name("einvoice")
    run = subprocess.run(
        [sys.executable, str(tool), "rules", *folders],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "EINVOICE": str(command)},
    )
    *lines, total = [" ".join(line.split()) for line in run.stdout.splitlines()] or [run.stderr[-200:]]
    left = [line for line in lines if " same verdict " not in line]
    return Figure(f"{total}; differences: {left[:5] or 'none'}", total.startswith("rules: 1.00000 ") and run.returncode == 0)


@figure("complete", bar="every official id has a rule of ours, or a reason why it never fires", item=1)
def complete() -> Figure:
    table = json.loads((corpora() / "rules.json").read_text("utf-8"))
    absent = {layer: found for layer in LAYERS if (found := missing(layer, table[layer]["rules"]))}
    total = sum(len(table[layer]["rules"]) for layer in LAYERS)
    return Figure(f"{total} ids in {len(LAYERS)} layers; neither: {absent or 'none'}", not absent)


@figure("examples-all", bar="every fatal id that can fire has an example that breaks it and one that holds", item=1)
def examples_all() -> Figure:
    table = json.loads((corpora() / "rules.json").read_text("utf-8"))
    absent = {layer: found for layer in LAYERS if (found := without_example(layer, table[layer]["rules"]))}
    fatal = sum(row["flag"] == "fatal" for layer in LAYERS for row in table[layer]["rules"].values())
    return Figure(f"{fatal} fatal ids in {len(LAYERS)} layers; without: {absent or 'none'}", not absent)


@cache
def _wrong(layer: str) -> tuple[int, list[str]]:
    """The examples of a layer, and those that do not show what they should."""
    made = program((LAYERS[layer][0],), LAYERS[layer][1])
    wrong, count = [], 0
    for example in all_examples(layer):
        count += 1
        root = parse(example.document).root
        fired = {finding.rule for finding in made.run(root)[0].findings}
        sound = all(found.severity is not Severity.FATAL for found in structure.check(root))
        if not sound or (example.rule in fired) is not example.breaks:
            wrong.append(f"{example.rule} {'breaks' if example.breaks else 'holds'}")
    return count, wrong


@figure("examples-native", bar="each example breaks its rule, or holds it, as it says", item=1)
def examples_native() -> Figure:
    found = {layer: _wrong(layer) for layer in LAYERS}
    wrong = {layer: names for layer, (_, names) in found.items() if names}
    return Figure(
        f"{sum(count for count, _ in found.values())} examples; wrong: {wrong or 'none'}",
        not wrong and all(count for count, _ in found.values()),
    )


@figure("examples-official", bar="each example gives the same ids through the official artefact", item=1)
def examples_official() -> Figure:
    checked, wrong, absent = 0, [], []
    for layer in LAYERS:
        try:
            stylesheets.stylesheet(layer)
        except stylesheets.Absent:
            absent.append(layer)
            continue
        for example in all_examples(layer):
            checked += 1
            if differs(layer, example):
                wrong.append(f"{layer} {example.rule}")
    if not checked:
        raise NotMeasured("no official stylesheet is here")
    beside = f"; without an artefact here: {', '.join(absent)}" if absent else ""
    return Figure(f"{checked} examples; differ: {wrong or 'none'}{beside}", not wrong)


def differs(layer: str, example: Example) -> list[str]:
    """What only native or official says of an example."""
    made: Any = program((LAYERS[layer][0],), LAYERS[layer][1])
    return different(made.run(parse(example.document).root)[0], stylesheets.broken(layer, example.document))
