"""Runs tests of the Tryton module on a real Tryton, by `scripts/tryton`, and reads what came of them."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
SERIES = ("8.0", "8.2")
_RAN = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
_END = re.compile(r"^(OK|FAILED)(?: \((.*)\))?$", re.MULTILINE)


class Absent(Exception):
    """There is no Tryton here, and none can be installed."""


class Ran(NamedTuple):
    """How many tests ran and whether all of them held; a test that was skipped does not count as held."""

    number: int
    holds: bool
    output: str


@cache
def environment(series: str) -> Path:
    """The Python of a series.

    Raises Absent where its packages cannot be brought.
    """
    made = subprocess.run([ROOT / "scripts" / "tryton", "environment", series], capture_output=True, text=True, check=False, timeout=900)
    if made.returncode:
        raise Absent(f"Tryton {series} cannot be installed: {made.stderr.strip().splitlines()[-1:]}")
    return Path(made.stdout.strip())


def run(series: str, *tests: str, database: str = "sqlite") -> Ran:
    """Runs test modules of the module, all of them where none is named.

    Raises Absent.
    """
    environment(series)
    named = ["--", *(f"trytond_einvoice_toolkit.tests.{test}" for test in tests)] if tests else []
    done = subprocess.run(
        [ROOT / "scripts" / "tryton", series, database, *named],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=1_800,
    )
    ran, end = _RAN.search(done.stdout), _END.search(done.stdout)
    count = int(ran[1]) if ran else 0
    return Ran(count, bool(done.returncode == 0 and count and end and end[1] == "OK" and not end[2]), done.stdout)
