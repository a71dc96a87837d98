"""Sessions in the documentation: what follows a command there is what the command prints.

A block of `console` after `<!-- session -->` is a session; a block after `<!-- file: NAME -->` is a file that the sessions of its
page find. `python -m tests.cli.documented` runs every session and writes what it printed into the page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("cli.md", "check.md", "drafts.md")

_FILE = re.compile(r"<!-- file: (\S+) -->\n+```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SESSION = re.compile(r"(<!-- session -->\n+```console\n)(.*?)(^```)", re.MULTILINE | re.DOTALL)


def rendered(page: str) -> str:
    """The page with what its commands print today."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in _FILE.findall(page):
            Path(folder, name).write_text(text, "utf-8")
        return _SESSION.sub(lambda match: match[1] + "".join(_run(line, folder) for line in _commands(match[2])) + match[3], page)


def _commands(session: str) -> list[str]:
    return re.findall(r"^\$ (.*)$", session, re.MULTILINE)


def _run(command: str, folder: str) -> str:
    """The command, then what it prints, errors among it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONUTF8": "1"}
    run = subprocess.run(["/bin/sh", "-c", f"{{ {command}; }} 2>&1"], cwd=folder, env=environment, capture_output=True, check=False)
    return f"$ {command}\n{run.stdout.decode()}"


def main() -> None:
    """Writes every page anew."""
    for name in PAGES:
        page = DOCS / name
        page.write_text(rendered(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
