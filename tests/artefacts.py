"""Official artefacts for tests: from Maven Central by its own client, kept in build/official; and a store of its own for each test."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from einvoice import settings
from einvoice.formats.guard import parse
from einvoice.report import Verdict
from einvoice_schemas.artefacts import artefact
from einvoice_validators import schematron
from tests.stylesheets import APART, JARS, jar, named


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
    """A store at that path with everything that can be had here: what the jars have, then what the user's folder has.

    Raises Absent where they cannot be had.
    """
    from einvoice_validators.artefacts.install import install

    with store(path):
        for name in (each for each in JARS if each not in APART):
            install(source=jar(name))
        if (home := named()) is not None:
            install(source=home)
    return path


def says(name: str, path: Path, expected: dict[str, Any]) -> bool:
    """Whether the artefact of that name finds in a file what is recorded: the same rules, as often and as severe, or an abort."""
    found = schematron.layer(name, schematron.Subject(parse(path).root), artefact(name))
    if expected.get("error"):
        return found.verdict is Verdict.NOT_JUDGED
    return found.verdict is not Verdict.NOT_JUDGED and all(
        Counter(finding.rule for finding in found.findings if finding.severity == severity) == Counter(expected[severity])
        for severity in ("fatal", "warning")
    )
