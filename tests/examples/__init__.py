"""Examples of rules: for each fatal rule one document that breaks it and one that holds, as small patches on a base of ours.

A file `LAYER-SYNTAX.json` maps a rule's id to `{"breaks": PATCH, "holds": PATCH}`; a patch is a list of changes, made in order:

    {"set": "cac:InvoiceLine/cac:Price/cbc:PriceAmount", "to": "-1"}        the text of an element
    {"set": "cbc:ID/@schemeID", "to": "0088"}                              an attribute
    {"remove": "cbc:BuyerReference"}                                       an element or an attribute
    {"add": "<cbc:Note>…</cbc:Note>", "before": "cac:InvoicePeriod"}       a fragment, `before`, `after` or `into` (as last child)
    {"copy": "cac:PaymentMeans"}                                           an element once more, behind itself

Paths are XPath with the usual prefixes, from the root element; the first element they lead to is meant, all with `"all": true`.
The base is the file's "base", or the example's own `"base"`, a file in `bases/`. "holds" comes as near to the rule as it can:
it applies, and holds. A patch may break other rules too; what counts is that this one is broken, or is not.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from einvoice.formats.syntax import NAMESPACES

HOME = Path(__file__).parent
PREFIXES = {**NAMESPACES, "ubl": NAMESPACES["inv"]}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())


class Example(NamedTuple):
    """A document of ours, the rule it is about, and whether it breaks that rule."""

    rule: str
    breaks: bool
    document: bytes


FILES = {
    "en16931-ubl": ("en16931-ubl", "en16931-ubl-syntax"),
    "en16931-cii": ("en16931-cii", "en16931-cii-syntax"),
    "peppol": ("peppol-ubl",),
    "peppol-sb": ("peppol-selfbilling",),
    "xrechnung-ubl": ("xrechnung-ubl",),
    "xrechnung-cii": ("xrechnung-cii",),
    "nlcius-ubl": ("nlcius-ubl",),
    "nlcius-cii": ("nlcius-cii",),
    "nlcius-gaccount": ("nlcius-gaccount",),
}


def all_examples(layer: str) -> Iterator[Example]:
    """Every example of a layer; one that has no file yet has none."""
    for name in FILES[layer]:
        if (HOME / f"{name}.json").exists():
            yield from examples(name)


def examples(name: str) -> Iterator[Example]:
    """Every example of a file, such as `peppol-ubl`."""
    table: dict[str, Any] = json.loads((HOME / f"{name}.json").read_text("utf-8"))
    base = table.pop("base")
    for rule, pair in table.items():
        for kind in ("breaks", "holds"):
            yield Example(rule, kind == "breaks", patched(pair.get("base", base), pair[kind]))


def patched(base: str, patch: list[dict[str, Any]]) -> bytes:
    """A base document with the changes of a patch.

    Raises LookupError where a path leads nowhere.
    """
    root = etree.fromstring((HOME / "bases" / base).read_bytes())
    for change in patch:
        _change(root, change)
    made: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _change(root: etree._Element, change: dict[str, Any]) -> None:
    action = next(iter(change))
    anchor = change[action] if action != "add" else next(change[way] for way in ("before", "after", "into") if way in change)
    way, _, attribute = anchor.partition("@")
    found = root.xpath(way.rstrip("/") or ".", namespaces=PREFIXES)
    if not found:
        raise LookupError(f"{anchor} leads nowhere")
    for element in found if change.get("all") else found[:1]:
        _apply(element, attribute, action, change)


def _apply(element: etree._Element, attribute: str, action: str, change: dict[str, Any]) -> None:
    parent = element.getparent()
    if action == "set" and attribute:
        element.set(attribute, change["to"])
    elif action == "set":
        element.text = change["to"]
    elif action == "remove" and attribute:
        del element.attrib[attribute]
    elif action == "remove":
        assert parent is not None
        parent.remove(element)
    elif action == "copy":
        element.addnext(copy.deepcopy(element))
    else:
        _add(element, change)


def _add(element: etree._Element, change: dict[str, Any]) -> None:
    made = list(etree.fromstring(f"<x {_DECLARED}>{change['add']}</x>"))
    if "before" in change:
        for each in made:
            element.addprevious(each)
    elif "after" in change:
        for each in reversed(made):
            element.addnext(each)
    else:
        element.extend(made)
