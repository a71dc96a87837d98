"""The official stylesheets, run by Saxon: they judge what we write, and what our rules say.

From Maven Central, kept in build/official; EINVOICE_STYLESHEETS names a folder that is searched first, for releases that are not
published there (NLCIUS 2.0.3.13).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from lxml import etree

GROUP, RELEASE, OLDER = "com.helger.phive.rules", "4.3.7", "4.2.3"
STYLESHEETS = {
    "en16931-ubl": ("phive-rules-en16931", "external/schematron/1.3.16/ubl/EN16931-UBL-validation.xslt"),
    "en16931-cii": ("phive-rules-en16931", "external/schematron/1.3.16/cii/EN16931-CII-validation.xslt"),
    "peppol": ("phive-rules-peppol", "external/schematron/openpeppol/2026.5/xslt/PEPPOL-EN16931-UBL.xslt"),
    "peppol-sb": ("phive-rules-peppol", "external/schematron/openpeppol/2026.5/xslt/PEPPOL-EN16931-UBL-SB.xslt"),
    "xrechnung-ubl": ("phive-rules-xrechnung", "external/schematron/3.0.2/XRechnung-UBL-validation.xslt"),
    "xrechnung-cii": ("phive-rules-xrechnung", "external/schematron/3.0.2/XRechnung-CII-validation.xslt"),
    "nlcius-ubl": ("phive-rules-simplerinvoicing", "external/schematron/simplerinvoicing/si-ubl-2.0.3.13.xslt"),
    "nlcius-cii": ("phive-rules-simplerinvoicing", "external/schematron/nlcius/nlcius-cii-1.0.3.13.xslt"),
    "nlcius-gaccount": ("phive-rules-simplerinvoicing", "external/schematron/simplerinvoicing/si-ubl-2.0-ext-gaccount-1.0.13.xslt"),
}
RELEASES = {"phive-rules-xrechnung": OLDER, "phive-rules-simplerinvoicing": OLDER}
STORE = Path(__file__).parents[1] / "build" / "official"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


class Absent(Exception):
    """The official artefacts cannot be had here; the message says what is missing."""


def stylesheet(layer: str) -> Path:
    """The compiled stylesheet of a layer, fetched once.

    Raises Absent where Maven or its repository is not there.
    """
    artefact, inside = STYLESHEETS[layer]
    if found := _own(inside):
        return found
    target = STORE / f"{layer}.xslt"
    if not target.exists():
        with zipfile.ZipFile(_jar(artefact)) as jar:
            if inside not in jar.namelist():
                raise Absent(
                    f"{artefact} {RELEASES.get(artefact, RELEASE)} has no {Path(inside).name}: EINVOICE_STYLESHEETS may name its folder"
                )
            target.write_bytes(jar.read(inside))
    return target


@cache
def _own(inside: str) -> Path | None:
    """The stylesheet in the user's folder, by the last three parts of its path."""
    home = os.environ.get("EINVOICE_STYLESHEETS")
    wanted = tuple(Path(inside).parts[-2:])
    return next((path for path in sorted(Path(home).rglob(wanted[-1])) if path.parts[-2:] == wanted), None) if home else None


def _jar(artefact: str) -> Path:
    release = RELEASES.get(artefact, RELEASE)
    jar = STORE / f"{artefact}-{release}.jar"
    if jar.exists():
        return jar
    maven = shutil.which("mvn")
    if maven is None:
        raise Absent("Maven is not installed, so the official stylesheets cannot be fetched")
    STORE.mkdir(parents=True, exist_ok=True)
    copy = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={GROUP}:{artefact}:{release}", f"-DoutputDirectory={STORE}"]
    run = subprocess.run(copy, capture_output=True, text=True, check=False, cwd=STORE)
    if not jar.exists():
        raise Absent(f"Maven could not fetch {artefact}: {run.stdout.strip()[:200]}")
    return jar


@cache
def _processor() -> Any:
    try:
        return import_module("saxonche").PySaxonProcessor(license=False)
    except ImportError as error:
        raise Absent("saxonche is not installed (extra official)") from error


@cache
def _executable(layer: str) -> Any:
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(stylesheet(layer)))


def broken(layer: str, document: bytes) -> dict[str, set[str]] | None:
    """The ids that a document of ours breaks in a layer, by severity; None where the official run aborts."""
    executable = _executable(layer)
    try:
        result = executable.transform_to_string(xdm_node=_processor().parse_xml(xml_text=document.decode("utf-8")))
    except Exception as fault:
        if type(fault).__name__ != "PySaxonApiError":
            raise
        return None
    if not result:
        return None
    found: dict[str, set[str]] = {"fatal": set(), "warning": set(), "information": set()}
    report = etree.fromstring(result.encode("utf-8"), etree.XMLParser(huge_tree=True))
    for each in report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
        named = each.get("id") or f"REPORT:{(each.get('test') or '')[:60]}"  # some have no id: the published verdicts call them so
        found.setdefault(each.get("flag") or "fatal", set()).add(named)
    return found


def fatal(layer: str, document: bytes) -> list[str]:
    """The ids of the fatal rules that a document of ours breaks in a layer; a run that aborts is one called ABORTED."""
    found = broken(layer, document)
    return ["ABORTED"] if found is None else sorted(found["fatal"])
