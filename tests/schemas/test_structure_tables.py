"""The structure tables: that they are whole, and that their script derives them again."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import einvoice_schemas.structure
from einvoice.formats.structure.table import Kind, Table
from einvoice.formats.syntax import NAMESPACES, ROOTS, Document
from tests.agreement.official import ABSENT, derived_again, official

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


def test_the_script_derives_the_tables_again() -> None:
    """Needs xmlschema and the official XSDs."""
    pytest.importorskip("xmlschema")
    paths = [path for path in map(official, Document) if path]
    if len(paths) < len(Document):
        pytest.skip(ABSENT)
    assert len(derived_again(*paths)) == len(einvoice_schemas.structure.NAMES)


def test_a_construct_without_notation_is_refused() -> None:
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
