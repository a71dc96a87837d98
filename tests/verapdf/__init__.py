"""veraPDF, the judge of PDF/A that the industry agreed on: its library from Maven Central, run by a class of ours.

The jars are fetched once by Maven, into `$EINVOICE_VERAPDF` or the user's cache folder. Java 11 or newer with its compiler, and Maven,
have to be at hand; where they are not, `judge` skips the test with the reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
VERSION = "1.28.1"
_PATIENCE = 900  # seconds


class Failure(NamedTuple):
    """A test of the profile that does not hold: clause of ISO 19005-3 and number, what veraPDF says, and where."""

    clause: str
    test: int
    message: str = ""
    place: str = ""


class Broken(Exception):
    """The judge did not answer for every file: nothing is known of any."""


def judge(paths: Sequence[Path], flavour: str = "3b") -> dict[Path, list[Failure]]:
    """What of PDF/A does not hold in each file, by path; nothing means that it complies. One process for all of them.

    A file that veraPDF cannot read has the failure `unread`. Skips the test where Java, Maven or the jars cannot be had.
    Raises Broken where an answer is missing.
    """
    asked = [Path(path).resolve() for path in paths]
    command = ["java", "-Xss16m", "-cp", f"{jars()}{os.sep}*", str(HERE / "Judge.java"), flavour]
    given = "".join(f"{path}\n" for path in asked).encode()
    answer = subprocess.run(command, input=given, capture_output=True, timeout=_PATIENCE, check=False)
    found = _read(answer.stdout.decode())
    if answer.returncode or any(str(path) not in found for path in asked):
        raise Broken(f"veraPDF judged {len(found)} of {len(asked)} files: {answer.stderr.decode(errors='replace')[-2_000:]}")
    return {path: found[str(asked[number])] for number, path in enumerate(map(Path, paths))}


def _read(answer: str) -> dict[str, list[Failure]]:
    """The failures of each file that was judged to its end."""
    failed: dict[str, list[Failure]] = {}
    judged: dict[str, list[Failure]] = {}
    for kind, path, *fields in (line.split("\t") for line in answer.splitlines()):
        if kind == "failed":
            failed.setdefault(path, []).append(Failure(fields[0], int(fields[1]), *fields[2:4]))
        elif kind == "unread":
            judged[path] = [Failure("unread", 0, *fields)]
        elif (fields == ["true"]) != (path not in failed):
            raise Broken(f"{path}: the verdict {fields} and {len(failed.get(path, ()))} failures contradict each other")
        else:
            judged[path] = failed.get(path, [])
    return judged


def jars() -> Path:
    """The folder of the jars, filled where it is not there yet; whoever comes second finds it complete."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    home = Path(os.environ.get("EINVOICE_VERAPDF") or Path(cache) / "einvoice-toolkit" / f"verapdf-{VERSION}")
    if absent := [program for program in ("java", "javac") if not shutil.which(program)]:
        pytest.skip(f"veraPDF needs a JDK: {', '.join(absent)} absent")
    if not home.is_dir():
        _fetch(home)
    return home


def _fetch(home: Path) -> None:
    if not shutil.which("mvn"):
        pytest.skip("veraPDF comes from Maven Central: mvn is absent")
    home.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="verapdf-", dir=home.parent))
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
    command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), goal, f"-DoutputDirectory={made}"]
    try:
        run = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False, text=True)
        if run.returncode:
            pytest.skip(f"Maven cannot bring veraPDF: {run.stdout.strip()[-300:]}")
        if not home.is_dir():
            made.rename(home)
    finally:
        shutil.rmtree(made, ignore_errors=True)
