"""veraPDF, the judge of PDF/A that the industry agreed on: its library from Maven Central, run by a class of ours.

Maven fetches the jars once, the compiler builds the class beside them, in a folder of `$EINVOICE_VERAPDF` or of the user's cache. A
JDK (11 or newer) and, the first time, Maven have to be at hand; where they are not, `verdicts` raises Absent and `judge` skips the
test with the reason.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

HERE = Path(__file__).parent
HOME = "EINVOICE_VERAPDF"
UNREAD = "unread"
_POM, _CLASS = HERE / "pom.xml", HERE / "Judge.java"
_PATIENCE = 900  # seconds
_refused: dict[Path, str] = {}  # what could not be built in this process, and why: nobody waits for a network twice


class Failure(NamedTuple):
    """A test of the profile that does not hold: clause of ISO 19005-3 and number, what veraPDF says, and where."""

    clause: str
    test: int
    message: str = ""
    place: str = ""


class Absent(Exception):
    """veraPDF cannot be run here; the message says what is missing."""


class Broken(Exception):
    """The judge did not answer for every file: nothing is known of any."""


def judge(paths: Sequence[Path], flavour: str = "3b") -> dict[Path, list[Failure]]:
    """What `verdicts` says, in a test: it is skipped where veraPDF cannot be run."""
    try:
        return verdicts(paths, flavour)
    except Absent as reason:
        pytest.skip(str(reason))


def verdicts(paths: Sequence[Path], flavour: str = "3b") -> dict[Path, list[Failure]]:
    """What of PDF/A does not hold in each file, by path; nothing means that it complies. One process for all of them.

    Of one test the first hundred failures. A file that veraPDF cannot read or judge to its end has one failure, of clause `unread`.
    Raises Absent, Broken where an answer is missing, FileNotFoundError.
    """
    asked = [Path(path).resolve(strict=True) for path in paths]
    home = installed()
    command = ["java", "-Xss16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]
    command += ["-cp", os.pathsep.join((str(home), str(home / "*"))), _CLASS.stem, flavour]
    given = "".join(f"{path}\0" for path in asked).encode()
    surroundings = {**os.environ, "LC_ALL": "C.UTF-8"}  # Java reads names of files as the locale says
    try:
        run = subprocess.run(command, input=given, capture_output=True, timeout=_PATIENCE, check=False, env=surroundings)
    except subprocess.TimeoutExpired as late:
        raise Broken(f"veraPDF did not end within {_PATIENCE} s") from late
    if run.returncode:
        raise Broken(f"veraPDF ended with {run.returncode}: {run.stderr.decode(errors='replace').strip()[-2_000:]}")
    return dict(zip(map(Path, paths), answers(run.stdout.decode(), len(asked)), strict=True))


def answers(lines: str, asked: int) -> list[list[Failure]]:
    """The failures of each file, in the order of asking.

    Raises Broken where an answer is missing, stands twice, is none, or contradicts itself.
    """
    found: dict[int, list[Failure]] = {}
    for line in lines.splitlines():
        try:
            answer = json.loads(line)
            number, failed = answer["file"], _failures(answer)
        except (ValueError, KeyError, TypeError) as fault:
            raise Broken(f"no answer of the judge: {line[:200]}") from fault
        if number in found:
            raise Broken(f"file {number} was judged twice")
        found[number] = failed
    if sorted(found) != list(range(asked)):
        raise Broken(f"veraPDF judged {len(found)} of {asked} files")
    return [found[number] for number in range(asked)]


def _failures(answer: dict[str, Any]) -> list[Failure]:
    """What failed in one file."""
    if UNREAD in answer:
        return [Failure(UNREAD, 0, answer[UNREAD])]
    failed = [Failure(str(clause), int(test), message, place) for clause, test, message, place in answer["failures"]]
    if answer["compliant"] is not (not failed):
        raise Broken(f"file {answer['file']}: the verdict {answer['compliant']} and {len(failed)} failures contradict each other")
    return failed


def installed() -> Path:
    """The folder of the jars and the class, made where there is none of these sources yet.

    Raises Absent.
    """
    found = re.search(r"<verapdf\.version>([\w.]+)<", _POM.read_text("utf-8"))
    sources = hashlib.sha256(_POM.read_bytes() + _CLASS.read_bytes()).hexdigest()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "einvoice-toolkit"
    home = Path(os.environ.get(HOME) or cache) / f"verapdf-{found[1] if found else ''}-{sources[:8]}"
    _need("java")
    if not home.is_dir():
        if home in _refused:
            raise Absent(_refused[home])
        try:
            _install(home)
        except Absent as reason:
            _refused[home] = str(reason)
            raise
    return home


def _install(home: Path) -> None:
    """Makes it beside its place and moves it there; whoever comes second finds it complete."""
    _need("javac", "mvn")
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="verapdf-new-", dir=home.parent))
    except OSError as fault:
        raise Absent(f"veraPDF cannot be kept in {home.parent} ({fault.strerror}): {HOME} may name another folder") from fault
    fetch = ["mvn", "-q", "-B", "-C", "-f", str(_POM), "dependency:copy-dependencies", f"-DoutputDirectory={made}"]
    translate = ["javac", "--release", "11", "-encoding", "UTF-8", "-proc:none", "-cp", str(made / "*"), "-d", str(made), str(_CLASS)]
    try:
        _done(fetch, Absent, "Maven cannot bring veraPDF")
        _done(translate, Broken, "the judge does not compile")
        try:
            made.rename(home)
        except OSError:
            if not home.is_dir():  # nobody else was first
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _done(command: list[str], fault: type[Exception], what: str) -> None:
    try:
        run = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE, check=False, text=True)
    except subprocess.TimeoutExpired as late:
        raise fault(f"{what} within {_PATIENCE} s") from late
    if run.returncode:
        raise fault(f"{what}: {(run.stdout + run.stderr).strip()[:300]}")


def _need(*programs: str) -> None:
    if absent := [program for program in programs if not shutil.which(program)]:
        raise Absent(f"veraPDF needs a JDK, and Maven the first time: {', '.join(absent)} absent")
