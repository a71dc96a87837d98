"""Names of codes, from lists that the user of the update script supplies.

Understood are OpenPeppol's code list XML (`structure/codelist/*.xml`), its list of participant identifier schemes, Genericode,
and JSON of the form `{list: {code: name}}` with our names of the lists.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

Names = dict[str, dict[str, str]]

# The identifier or short name that a publisher gives a list, in lower case, and our name for it.
ALIASES = {
    "uncl1001-inv": "untdid-1001",
    "uncl1001-cn": "untdid-1001",
    "uncl1153": "untdid-1153",
    "uncl2005": "untdid-2005",
    "uncl4461": "untdid-4461",
    "uncl5189": "untdid-5189",
    "uncl5305": "untdid-5305",
    "uncl7143": "untdid-7143",
    "uncl7161": "untdid-7161",
    "iso3166": "iso-3166-1",
    "iso3166-1:alpha2": "iso-3166-1",
    "iso4217": "iso-4217",
    "icd": "iso-6523",
    "unecerec20": "unece-units",
    "unecerec20-11e": "unece-units",
    "mimecode": "mime",
}


def collect(paths: Iterable[Path]) -> Names:
    """The names in these files and folders, by our name of the list; where two files name a code, the first counts."""
    found: Names = {}
    for path in _files(paths):
        for name, codes in _read(path).items():
            known = found.setdefault(ALIASES.get(name.lower(), name.lower()), {})
            for code, text in codes.items():
                known.setdefault(code, " ".join(text.split()))
    return found


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        yield from [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.suffix in (".xml", ".gc", ".json"))


def _read(path: Path) -> Names:
    if path.suffix == ".json":
        loaded: Names = json.loads(path.read_text("utf-8"))
        return loaded
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - code lists that the user got from their publisher
    except ET.ParseError:
        return {}
    tag = root.tag.rpartition("}")[2]
    if tag == "participant-identifier-schemes":
        schemes = {each.get("iso6523", ""): each.get("scheme-name", "") for each in root}
        return {"eas": schemes, "iso-6523": schemes}
    if tag == "CodeList" and root.find("SimpleCodeList") is not None:
        return {root.findtext("Identification/ShortName", ""): dict(_genericode(root))}
    if tag == "CodeList":
        return {_text(root, "Identifier"): {_text(each, "Id"): _text(each, "Name") for each in root if each.tag.endswith("}Code")}}
    return {}


def _genericode(root: ET.Element) -> Iterable[tuple[str, str]]:
    for row in root.iterfind("SimpleCodeList/Row"):
        values = {each.get("ColumnRef", "").lower(): each.findtext("SimpleValue", "") for each in row.iterfind("Value")}
        yield values.get("code", ""), values.get("name", "")


def _text(element: ET.Element, name: str) -> str:
    return next((each.text or "" for each in element if each.tag.rpartition("}")[2] == name), "")
