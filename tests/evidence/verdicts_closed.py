"""What was not checked is never valid and never ends with 0: through the real command line, by our rules and by the official ones."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests import stylesheets
from tests.artefacts import store as stored
from tests.evidence import Figure, NotMeasured, figure
from tests.evidence.verdicts_official import check, empty, full
from tests.validators.test_fail_closed import CASES, HEADER, INVOICE, SBDH, bare

ENTITY = b'<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + bare(INVOICE).replace(
    b"</cbc:ID>", b"&e;</cbc:ID>", 1
)
TWO_NAMES = bare(INVOICE).replace(
    b"<cac:PartyLegalEntity>",
    b"<cac:PartyLegalEntity><cbc:RegistrationName>A</cbc:RegistrationName></cac:PartyLegalEntity><cac:PartyLegalEntity>",
    1,
)
"""The official stylesheet of EN 16931 aborts on two legal entities of one party."""


class Told(NamedTuple):
    """How a run of the command line ended, and the verdict that it printed."""

    code: int
    verdict: str

    @property
    def closed(self) -> bool:
        """Whether nothing was waved through."""
        return self.code != 0 and self.verdict != "valid"


def told(document: bytes, *options: str) -> Told:
    """What `einvoice check` says of a document."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.xml")
        path.write_bytes(document)
        run = check(path, "--format", "jsonl", *options)
    return Told(run.returncode, json.loads(run.stdout)["verdict"] if run.stdout else "none")


def _figure(found: Mapping[str, Told], sound: Told) -> Figure:
    """The cases, beside a sound document that shows that the way is open for what is valid."""
    wrong = [f"{name}: {each.verdict}, {each.code}" for name, each in found.items() if not each.closed]
    value = "; ".join(f"{name}: {each.verdict}, {each.code}" for name, each in found.items())
    return Figure(f"{value}; a sound one: {sound.verdict}, {sound.code}", not wrong and sound == Told(0, "valid"))


@figure(
    "fail-closed",
    bar="each case of test_fail_closed.py by the command line: the verdict and exit code it must have",
    item=3,
)
def fail_closed() -> Figure:
    found = {name: told(document) for name, (document, _, _) in CASES.items()} | {"an entity": told(ENTITY)}
    wrong = [name for name, (_, verdict, code) in CASES.items() if found[name] != Told(code, str(verdict))]
    figure = _figure(found, told(INVOICE))
    return Figure(figure.value + (f"; OTHERWISE: {wrong}" if wrong else ""), figure.holds and not wrong)


@figure(
    "fail-closed-official",
    bar="aborted, missing, changed, entities, invalid in an envelope: never valid, never 0",
    item=3,
)
def fail_closed_official() -> Figure:
    wrong = CASES["a wrong total"][0]
    documents = {
        "an aborted stylesheet": TWO_NAMES,
        "aborted in an envelope": SBDH % (HEADER + TWO_NAMES),
        "an entity": ENTITY,
        "a wrong total": wrong,
        "a wrong total in an envelope": SBDH % (HEADER + bare(wrong)),
        "an unknown specification": CASES["an unknown specification"][0],
    }
    found: dict[str, Told] = {}
    with full():
        for option in ("--official", "--both"):
            found |= {f"{name} {option}": told(document, option) for name, document in documents.items()}
        sound = told(INVOICE, "--official")
    with empty():
        found["a missing artefact"] = told(INVOICE, "--official")
    for name, home in _damaged():
        with stored(home):
            found[name] = told(INVOICE, "--official")
    return _figure(found, sound)


def _damaged() -> Iterator[tuple[str, Path]]:
    """Stores in which the stylesheet of Peppol is another: changed since, or one that reports nothing at all."""
    from einvoice_validators.artefacts.install import install

    try:
        source = stylesheets.jar("peppol")
    except stylesheets.Absent as absent:
        raise NotMeasured(str(absent)) from absent
    with empty() as home:
        made = next(each for each in install(["peppol"], source=source) if each.name == "peppol")
        made.path.write_bytes(made.path.read_bytes().replace(b"</xsl:stylesheet>", b"<!-- --></xsl:stylesheet>"))
        yield "a changed stylesheet", home
    silent = b'<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"/></xsl:stylesheet>'
    with tempfile.TemporaryDirectory() as folder, empty() as home:
        for name in ("PEPPOL-EN16931-UBL.xslt", "PEPPOL-EN16931-UBL-SB.xslt"):
            Path(folder, name).write_bytes(silent)
        install(["peppol"], source=Path(folder))
        yield "a stylesheet that says nothing", home
