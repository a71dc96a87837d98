"""Runs the bombs in a process with little memory and little stack: `python -m tests.formats.bounded MEGABYTES`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from lxml import etree

from einvoice.errors import MalformedXML, UnknownFormat, UnsafeXML
from einvoice.formats.guard import parse
from tests.formats.unsafe import BOMBS, DTDS

ROOT = Path(__file__).parents[2]
MEGABYTES = 700 if etree.LIBXML_VERSION >= (2, 12) else 1_500
"""Older libxml2 builds a deep tree before it can be measured."""


def run_bounded() -> tuple[subprocess.CompletedProcess[str], float]:
    """The finished process, with returncode 0 where every bomb was refused, and its seconds."""
    started = time.perf_counter()
    path = os.pathsep.join(str(entry) for entry in (ROOT, *filter(None, sys.path)))
    command = [sys.executable, "-m", "tests.formats.bounded", str(MEGABYTES)]
    environment = {**os.environ, "PYTHONPATH": path}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return result, time.perf_counter() - started


def main() -> None:
    """Refuses every bomb, or exits naming the first that passed."""
    import resource

    resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20,) * 2)
    for case in (*DTDS, *BOMBS):
        _refused(case.name, case.data)
    _refused("nesting of 5,000,000", b"<a>" * 5_000_000 + b"</a>" * 5_000_000)
    _refused("500,000 elements", b"<a>" + b"<b/>" * 500_000 + b"</a>")


def _refused(name: str, data: bytes) -> None:
    try:
        parse(data)
    except (UnsafeXML, UnknownFormat, MalformedXML):
        return
    raise SystemExit(f"{name} was read")


if __name__ == "__main__":
    main()
