"""Official artefacts for tests: from Maven Central by its own client, kept in build/official; and a store of its own for each test."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from einvoice import settings
from tests.stylesheets import STORE, Absent

RULES = "com.helger.phive.rules:phive-rules"
JARS = {
    "en16931": f"{RULES}-en16931:4.3.7",
    "peppol": f"{RULES}-peppol:4.3.7",
    "xrechnung": f"{RULES}-xrechnung:4.2.3",
    "simplerinvoicing": f"{RULES}-simplerinvoicing:4.2.3",
    "cii": "com.helger.cii:ph-cii-d16b:4.0.0",
}


@cache
def jar(name: str) -> Path:
    """The jar of that name above.

    Raises Absent where Maven or its repository is not there.
    """
    _, artefact, version = JARS[name].split(":")
    path = STORE / f"{artefact}-{version}.jar"
    if path.exists():
        return path
    maven = shutil.which("mvn")
    if maven is None:
        raise Absent("Maven is not installed, so the official artefacts cannot be fetched")
    STORE.mkdir(parents=True, exist_ok=True)
    copy = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={JARS[name]}", f"-DoutputDirectory={STORE}"]
    run = subprocess.run(copy, capture_output=True, text=True, check=False, cwd=STORE)
    if not path.exists():
        raise Absent(f"Maven could not fetch {artefact}: {run.stdout.strip()[:200]}")
    return path


@contextmanager
def store(path: Path) -> Iterator[Path]:
    """The folder as the store of official artefacts, whatever the user has."""
    before = os.environ.get("EINVOICE_ARTEFACTS")
    os.environ["EINVOICE_ARTEFACTS"] = str(path)
    settings.current.cache_clear()
    try:
        yield path
    finally:
        if before is None:
            del os.environ["EINVOICE_ARTEFACTS"]
        else:
            os.environ["EINVOICE_ARTEFACTS"] = before
        settings.current.cache_clear()


def full(path: Path) -> Path:
    """A store at that path with everything that the jars have.

    Raises Absent where they cannot be had.
    """
    from einvoice_validators.artefacts.install import install

    with store(path):
        for name in JARS:
            install(source=jar(name))
    return path
