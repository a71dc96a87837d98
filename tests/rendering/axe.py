"""axe-core, the accessibility checker, in Chromium: what it finds on a page, and whether the page is wider than its window.

axe-core comes from the npm registry into the user's cache, once, and is held against its checksum.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

VERSION = "4.14.1"
CHECKSUM = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
"""SHA-256 of axe.min.js."""
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "einvoice-toolkit" / f"axe-core-{VERSION}"


TELL = "document.documentElement.setAttribute('data-told', JSON.stringify(%s));"
"""Leaves a value where `_answer` finds it."""
AXE = """
const rule = found => [found.id, ...found.nodes.slice(0, 5).map(node => node.target.join(' '))].join(' ');
axe.run(document, {runOnly: TAGS}).then(found => {
  const told = [found.violations, found.passes, found.incomplete].map(rules => rules.map(rule));
  TELL
});
"""
WIDER = """
addEventListener('load', () => {
  const root = document.getElementById('frame').contentDocument.documentElement;
  const told = root.scrollWidth - root.clientWidth;
  TELL
});
"""


class Found(NamedTuple):
    """What axe found: rules that are violated, that hold, that a person has to judge, each with the first places."""

    violated: tuple[str, ...]
    held: tuple[str, ...]
    undecided: tuple[str, ...]


def browser() -> str:
    """Chromium; skips the test where there is none."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return found or pytest.skip("no Chromium on this machine")


def source() -> Path:
    """The file axe.min.js; skips the test where it is neither in the cache nor to be had."""
    file = CACHE / "axe.min.js"
    if not file.is_file():
        _fetch(file)
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    assert found == CHECKSUM, f"{file} has the checksum {found}"
    return file


def _fetch(file: Path) -> None:
    npm = shutil.which("npm") or pytest.skip("no npm on this machine to get axe-core with")
    CACHE.mkdir(parents=True, exist_ok=True)
    ran = subprocess.run([npm, "pack", f"axe-core@{VERSION}", "--pack-destination", CACHE], capture_output=True, check=False, cwd=CACHE)
    if ran.returncode:
        pytest.skip(f"axe-core cannot be had: {ran.stderr.decode()[-200:]}")
    with tarfile.open(next(CACHE.glob("*.tgz"))) as packed:
        member = packed.extractfile("package/axe.min.js")
        assert member
        file.write_bytes(member.read())


def examine(page: bytes, folder: Path, *, width: int, dark: bool = False) -> Found:
    """What axe finds on the page in a window that wide."""
    script = AXE.replace("TAGS", json.dumps(TAGS)).replace("TELL", TELL % "told")
    within = f'<script src="{source().as_uri()}"></script><script>{script}</script>'
    violated, held, undecided = map(tuple, _answer(_open(page, within), folder, width=width, dark=dark))
    return Found(violated, held, undecided)


def overflow(page: bytes, folder: Path, *, width: int) -> int:
    """By how many pixels the page is wider than a window that wide."""
    frame = f'<iframe id="frame" style="width:{width}px;height:900px;border:0" srcdoc="{html.escape(_open(page, "").decode())}"></iframe>'
    script = WIDER.replace("TELL", TELL % "told")
    return int(_answer(f"<!DOCTYPE html><body>{frame}<script>{script}</script>".encode(), folder, width=1400))


def _open(page: bytes, within: str) -> bytes:
    """A copy of the page that lets our script in."""
    bare, count = re.subn(rb"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", b"", page)
    assert count == 1
    return bare.replace(b"</body>", within.encode() + b"</body>")


def _answer(page: bytes, folder: Path, *, width: int, dark: bool = False) -> Any:
    """The value that the scripts of a page left."""
    file = folder / "page.html"
    file.write_bytes(page)
    command = [
        browser(),
        "--headless",
        "--disable-gpu",
        "--no-sandbox",
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={width},1200",
    ]
    command += [f"--blink-settings=preferredColorScheme={0 if dark else 1}", "--virtual-time-budget=30000", "--dump-dom", file.as_uri()]
    ran = subprocess.run(command, capture_output=True, check=True, timeout=120)
    found = re.search(r'<html[^>]* data-told="([^"]*)"', ran.stdout.decode())
    assert found, ran.stderr.decode()[-2000:]
    return json.loads(html.unescape(found[1]))
