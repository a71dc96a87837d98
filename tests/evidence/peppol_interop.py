"""Peers by other people, in environments that the tests build: what they send we take, what we send they take, each other's receipts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.evidence import Figure, figure

_FOLDER = "tests/interop"


@figure("interop-peppol-py", bar="peppol-py 1.2.5 → ours over HTTP, found by itself in DNS and SMP; it accepts our receipt", item=4)
def interop_peppol_py() -> Figure:
    return _tests("test_peppol_py.py")


@figure(
    "interop-as4-sends",
    bar="as4 0.2.0 → ours over HTTP: 6 documents up to 5 MB kept as sent; it verifies our receipts and errors",
    item=4,
)
def interop_as4_sends() -> Figure:
    return _tests("test_as4.py", "-k", "we_take or hears")


@figure("interop-as4-receives", bar="ours → as4 0.2.0: 6 documents up to 5 MB kept as sent, receipts verified; altered: refused", item=4)
def interop_as4_receives() -> Figure:
    return _tests("test_as4.py", "-k", "as4_takes or altered")


@figure(
    "interop-phase4-receives",
    bar="ours → phase4 4.4.1 (Java): documents up to 5 MB kept as sent, receipts verified; altered, strangers, duplicates: refused",
    item=4,
)
def interop_phase4_receives() -> Figure:
    return _tests("test_phase4.py", "-k", "phase4_takes or phase4_refuses or again")


@figure(
    "interop-phase4-sends",
    bar="phase4 4.4.1 (Java) → ours: documents up to 12 MB kept as sent; it verifies our receipts and our errors",
    item=4,
)
def interop_phase4_sends() -> Figure:
    return _tests("test_phase4.py", "-k", "we_take or we_refuse or we_hear or hears")


@figure("interop-schemas", bar="messages, receipts, errors, SBDH and SMP answers: 0 findings by the schemas in phase4's libraries", item=4)
def interop_schemas() -> Figure:
    return _tests("test_phase4.py", "test_phoss.py", "-k", "schema")


@figure("interop-phoss-smp", bar="our lookup at phoss SMP 7.1.7: found, listed, wildcards, dates, redirects; three failures apart", item=2)
def interop_phoss_smp() -> Figure:
    return _tests("test_phoss.py")


@figure(
    "interop-whole-way",
    bar="validate, submit, run: found at phoss SMP, sent to phase4, proven by its own log; a lost receipt proves nothing",
    item=10,
)
def interop_whole_way() -> Figure:
    return _tests("test_whole_way.py")


@figure(
    "interop-commands",
    bar="by commands alone: PKI, trust, serve ← phase4, inbox; lookup at phoss SMP, send → phase4, proof exported and verified",
    item=10,
)
def interop_commands() -> Figure:
    return _tests("test_command_line.py")


def _tests(*asked: str) -> Figure:
    """Tests of this folder: all of them passed, none was skipped."""
    files = [f"{_FOLDER}/{name}" if name.endswith(".py") else name for name in asked]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "slow or not slow", "-rs", *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    lines = ran.stdout.strip().splitlines() or ["nothing"]
    passed, skipped = re.search(r"(\d+) passed", lines[-1]), re.search(r"(\d+) skipped", lines[-1])
    why = next((line.partition(": ")[2] for line in lines if line.startswith("SKIPPED")), lines[-1])
    text = f"{passed[1] if passed else 0} tests hold" + (f", {skipped[1]} skipped: {why}" if skipped else "")
    return Figure(text if not ran.returncode else f"{text}; {lines[-1]}", not ran.returncode and passed is not None and skipped is None)
