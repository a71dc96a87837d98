"""The official stylesheets, run by Saxon: they judge what we write. From Maven Central, kept in build/official."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

GROUP, RELEASE = "com.helger.phive.rules", "4.3.7"
STYLESHEETS = {
    "en16931-ubl": ("phive-rules-en16931", "external/schematron/1.3.16/ubl/EN16931-UBL-validation.xslt"),
    "en16931-cii": ("phive-rules-en16931", "external/schematron/1.3.16/cii/EN16931-CII-validation.xslt"),
    "peppol": ("phive-rules-peppol", "external/schematron/openpeppol/2026.5/xslt/PEPPOL-EN16931-UBL.xslt"),
}
STORE = Path(__file__).parents[1] / "build" / "official"

_failed = re.compile(r"<svrl:(?:failed-assert|successful-report)\b([^>]*)>")
_attribute = re.compile(r'(\w+)="([^"]*)"')


class Absent(Exception):
    """The official artefacts cannot be had here; the message says what is missing."""


def stylesheet(layer: str) -> Path:
    """The compiled stylesheet of a layer, fetched once.

    Raises Absent where Maven or its repository is not there.
    """
    artefact, inside = STYLESHEETS[layer]
    target = STORE / f"{layer}.xslt"
    if not target.exists():
        with zipfile.ZipFile(_jar(artefact)) as jar:
            target.write_bytes(jar.read(inside))
    return target


def _jar(artefact: str) -> Path:
    jar = STORE / f"{artefact}-{RELEASE}.jar"
    if jar.exists():
        return jar
    maven = shutil.which("mvn")
    if maven is None:
        raise Absent("Maven is not installed, so the official stylesheets cannot be fetched")
    STORE.mkdir(parents=True, exist_ok=True)
    copy = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={GROUP}:{artefact}:{RELEASE}", f"-DoutputDirectory={STORE}"]
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


def fatal(layer: str, document: bytes) -> list[str]:
    """The ids of the fatal rules that a document of ours breaks in a layer; a run that aborts is one called ABORTED."""
    executable = _executable(layer)
    result = executable.transform_to_string(xdm_node=_processor().parse_xml(xml_text=document.decode("utf-8")))
    if not result:
        return ["ABORTED"]
    found = [dict(_attribute.findall(attributes)) for attributes in _failed.findall(result)]
    return [each.get("id", "?") for each in found if each.get("flag", "fatal") == "fatal"]
