"""What checking costs, bytes to verdict: structure, EN 16931 and Peppol, beside a native peer and the official stylesheets."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from einvoice.formats import guard, structure
from einvoice.report import Verdict
from einvoice_validators.validate import validate
from tests import stylesheets
from tests.corpora import folder
from tests.scale import scaled
from tests.speed import documents, peers
from tests.speed.benchmarks import OURS, Result
from tests.speed.clock import growth, milliseconds, peak_megabytes

Work = Callable[[], Any]
NATIVE, OFFICIAL = "mock-einvoice", "official stylesheets through saxonche"


def _ours(data: bytes) -> Work:
    assert validate(data).verdict is Verdict.VALID
    return lambda: validate(data)


def mock(data: bytes) -> Work:
    """The native peer, bytes to its report."""
    module = importlib.import_module("mockeinvoice")
    return lambda: module.validate(data)


def official(data: bytes) -> Work:
    """The official path at its quickest: libxml2's XSD, then both compiled stylesheets on one tree."""
    schema = peers.checking(etree.fromstring(data))["libxml2's XSD"]
    for layer in ("en16931-ubl", "peppol"):
        stylesheets.stylesheet(layer)

    def run() -> None:
        schema()
        node = stylesheets.tree(data)
        for layer in ("en16931-ubl", "peppol"):
            stylesheets.ids(layer, node)

    return run


@cache
def ten_lines() -> Result:
    """A 10-line Peppol invoice, bytes to verdict."""
    data = documents.ubl(10)
    root = guard.parse(data).root
    contestants = {
        OURS: _ours(data),
        NATIVE: mock(data),
        OFFICIAL: official(data),
        "of ours, parsing": lambda: guard.parse(data),
        "of ours, structure": lambda: structure.check(root),
    }
    times = milliseconds(contestants)
    return Result(times.pop(OURS), 1.0, "ms", times)


@cache
def ten_thousand_lines() -> Result:
    """10,000 lines, bytes to verdict; the peak of memory of a whole process that does it."""
    lines = scaled(10_000)
    data = documents.ubl(lines)
    times = milliseconds({OURS: _ours(data)}, enough=3)
    return Result(times[OURS], 800 * lines / 10_000, "ms", note=f"{lines:,} lines, {len(data) / 1e6:.1f} MB")


@cache
def memory() -> Result:
    """The peak of a process that checks 10,000 lines."""
    lines = scaled(10_000)
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        Path(file.name).write_bytes(documents.ubl(lines))
        return Result(peak_megabytes("tests.speed.memory", "validate", file.name), 150, "MB", note=f"{lines:,} lines")


@cache
def hundred_thousand_lines() -> Result:
    """How time per line grows from 10,000 to 100,000 lines of UBL, held against EN 16931 and Peppol."""
    return _growing("ubl", "peppol", 10_000)


@cache
def fifty_thousand_lines_of_cii() -> Result:
    """The same from 5,000 to 50,000 lines of CII, held against EN 16931 and XRechnung; more would be larger than what is accepted."""
    return _growing("cii", "xrechnung", 5_000)


def _growing(syntax: str, profile: str, few: int) -> Result:
    few, many = scaled(few), 10 * scaled(few)
    ratio, spent = growth(_ours(_invoice(few, syntax, profile)), _ours(_invoice(many, syntax, profile)), 10)
    return Result(ratio, 1.3, "×", note=f"{many:,} lines in {spent / 1000:.1f} s, beside 10 × {few:,}")


def _invoice(lines: int, syntax: str, profile: str) -> bytes:
    """An invoice of the generator that lies beside the corpora; where it is absent, one of our own, which are UBL."""
    home = folder()
    tool = home.parent / "tools" / "biginvoice.py" if home else None
    if tool is None or not tool.is_file():
        if syntax != "ubl":
            raise FileNotFoundError("the generator of invoices in CII is absent; it lies beside the corpora")
        return documents.ubl(lines)
    command = [sys.executable, str(tool), str(lines), syntax, profile]
    return subprocess.run(command, check=True, capture_output=True).stdout
