"""The official stylesheets, run by Saxon: they judge what we write, and what our rules say.

They come from Maven Central and are kept in build/official. EINVOICE_OFFICIAL names a folder that is searched first, laid out like
the resources of phive-rules, for releases that are not published there (NLCIUS 2.0.3.13).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path

from lxml import etree

from einvoice.errors import ArtefactMissing
from einvoice_validators import saxon
from einvoice_validators.artefacts import store

RULES = "com.helger.phive.rules:phive-rules"
JARS = {
    "en16931": f"{RULES}-en16931:4.3.7",
    "peppol": f"{RULES}-peppol:4.3.7",
    "xrechnung": f"{RULES}-xrechnung:4.2.3",
    "simplerinvoicing": f"{RULES}-simplerinvoicing:4.2.3",
    "cii": "com.helger.cii:ph-cii-d16b:4.0.0",
    "ubl": "com.helger.ubl:ph-ubl21:10.0.0",
    "ehf": f"{RULES}-ehf:4.2.3",
}
STYLESHEETS = {
    "en16931-ubl": ("en16931", "1.3.16/ubl/EN16931-UBL-validation.xslt"),
    "en16931-cii": ("en16931", "1.3.16/cii/EN16931-CII-validation.xslt"),
    "peppol": ("peppol", "openpeppol/2026.5/xslt/PEPPOL-EN16931-UBL.xslt"),
    "peppol-sb": ("peppol", "openpeppol/2026.5/xslt/PEPPOL-EN16931-UBL-SB.xslt"),
    "xrechnung-ubl": ("xrechnung", "3.0.2/XRechnung-UBL-validation.xslt"),
    "xrechnung-cii": ("xrechnung", "3.0.2/XRechnung-CII-validation.xslt"),
    "ehf-reminder": ("ehf", "2023-02/xslt/reminder-3.0/EHF-P06-3.0-REMINDER.xslt"),
    "ehf-reminder-cen": ("ehf", "2023-02/xslt/reminder-3.0/REMINDER-CEN-EN16931-UBL.xslt"),
    "ehf-reminder-peppol": ("ehf", "2023-02/xslt/reminder-3.0/REMINDER-PEPPOL-EN16931-UBL.xslt"),
    "nlcius-ubl": ("simplerinvoicing", "simplerinvoicing/si-ubl-2.0.3.13.xslt"),
    "nlcius-cii": ("simplerinvoicing", "nlcius/nlcius-cii-1.0.3.13.xslt"),
    "nlcius-gaccount": ("simplerinvoicing", "simplerinvoicing/si-ubl-2.0-ext-gaccount-1.0.13.xslt"),
}
NETWORK = {
    "peppol-t111": ("peppol", "openpeppol/2026.5/xslt/PEPPOLBIS-T111.xslt"),
    "peppol-t71": ("peppol", "openpeppol/2026.5/xslt/PEPPOLBIS-T71.xslt"),
    "peppol-mls": ("peppol", "mls/1.0.0/xslt/peppol-mls-1.0.0.xslt"),
    "peppol-tsr": ("peppol", "reporting/tsr/1.0.5/xslt/peppol-transaction-statistics-reporting-1.0.5.xslt"),
    "peppol-eusr": ("peppol", "reporting/eusr/1.1.5/xslt/peppol-end-user-statistics-reporting-1.1.5.xslt"),
}
"""What the network says of its own documents: answers and reports, which are no invoices."""
APART = {"ehf", "ubl"}
"""Jars that no store of ours is made from: reminders and statements are exports, which tests alone hold against them."""
INSIDE = "external/schematron/"
FOLDER = "EINVOICE_OFFICIAL"
STORE = Path(__file__).parents[1] / "build" / "official"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


class Absent(Exception):
    """The official artefacts cannot be had here; the message says what is missing."""


def named() -> Path | None:
    """The folder of official artefacts that the user names, if there is one."""
    home = os.environ.get(FOLDER)
    return Path(home) if home else None


@cache
def jar(name: str) -> Path:
    """The jar of that name above, fetched once.

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


def stylesheet(layer: str) -> Path:
    """The compiled stylesheet of a layer.

    Raises Absent where it is neither in the user's folder nor in a jar that can be had.
    """
    name, inside = (STYLESHEETS | NETWORK)[layer]
    if found := _own(inside, named()):
        return found
    target = STORE / Path(inside).name
    if not target.exists():
        with zipfile.ZipFile(jar(name)) as opened:
            if INSIDE + inside not in opened.namelist():
                raise Absent(f"{jar(name).name} has no {target.name}: {FOLDER} may name its folder")
            target.write_bytes(opened.read(INSIDE + inside))
    return target


@cache
def _own(inside: str, home: Path | None) -> Path | None:
    """The stylesheet in the user's folder, by the end of its path."""
    found = sorted(home.rglob(Path(inside).name)) if home else []
    return next((path for path in found if path.as_posix().endswith(f"/{inside}")), None)


def broken(layer: str, document: bytes) -> dict[str, set[str]] | None:
    """The ids that a document of ours breaks in a layer, by severity; None where the official run aborts."""
    return ids(layer, tree(document))


def tree(document: bytes) -> saxon.Node:
    """A document of ours as Saxon holds it.

    Raises Absent where saxonche is not installed.
    """
    try:
        return saxon.tree(etree.fromstring(document, etree.XMLParser(huge_tree=True)))
    except ArtefactMissing as absent:
        raise Absent(str(absent)) from absent


def ids(layer: str, node: saxon.Node) -> dict[str, set[str]] | None:
    """The same for a document that Saxon holds."""
    path = stylesheet(layer)
    try:
        result = saxon.run(store.Installed(layer, "", path.parent, path.name, "", "", {}), node)
    except saxon.Aborted:
        return None
    found: dict[str, set[str]] = {"fatal": set(), "warning": set(), "information": set()}
    report = etree.fromstring(result.encode("utf-8"), etree.XMLParser(huge_tree=True))
    for each in report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
        rule = each.get("id") or f"REPORT:{(each.get('test') or '')[:60]}"  # some have no id: the published verdicts call them so
        found.setdefault(each.get("flag") or "fatal", set()).add(rule)
    return found


def fatal(layer: str, document: bytes) -> list[str]:
    """The ids of the fatal rules that a document of ours breaks in a layer; a run that aborts is one called ABORTED."""
    found = broken(layer, document)
    return ["ABORTED"] if found is None else sorted(found["fatal"])
