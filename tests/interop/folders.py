"""Where what the peers need is kept between runs: a folder of the user's cache, made once from its sources, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

HOME = "EINVOICE_PEERS"
PATIENCE = 900
"""Seconds that a package index has to bring a peer."""
_refused: dict[Path, str] = {}  # what could not be made in this process, and why: nobody waits for a network twice


class Absent(Exception):
    """A peer cannot be had here; the message says what is missing."""


def made(name: str, sources: bytes, make: Callable[[Path], None]) -> Path:
    """The folder of a peer, made where there is none of these sources yet; `EINVOICE_PEERS` may name another place.

    It is made beside its place and moved there, so whoever comes second finds it whole. Raises Absent.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "einvoice-toolkit"
    home = Path(os.environ.get(HOME) or cache) / f"{name}-{hashlib.sha256(sources).hexdigest()[:8]}"
    if home.is_dir():
        return home
    if home in _refused:
        raise Absent(_refused[home])
    try:
        _make(home, make)
    except Absent as reason:
        _refused[home] = str(reason)
        raise
    return home


def _make(home: Path, make: Callable[[Path], None]) -> None:
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f"{home.name}-new-", dir=home.parent))
    except OSError as fault:
        raise Absent(f"{home.name} cannot be kept in {home.parent} ({fault.strerror}): {HOME} may name another folder") from fault
    try:
        make(new)
        try:
            new.rename(home)
        except OSError:
            if not home.is_dir():  # nobody else was first
                raise
    finally:
        shutil.rmtree(new, ignore_errors=True)


def need(*programs: str) -> None:
    """Raises Absent where a program is missing."""
    if absent := [program for program in programs if not shutil.which(program)]:
        raise Absent(f"{', '.join(absent)} absent")


def done(command: Sequence[str | Path], what: str) -> None:
    """Runs a command that brings something; raises Absent where it fails."""
    try:
        run = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False, text=True)
    except subprocess.TimeoutExpired as late:
        raise Absent(f"{what}: not within {PATIENCE} s") from late
    if run.returncode:
        raise Absent(f"{what}: {(run.stdout + run.stderr).strip()[:300]}")
