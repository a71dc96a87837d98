"""The table of business terms: complete, consistent, in four languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from einvoice_schemas.terms import LANGUAGES, children, term, terms

TABLE = Path(__file__).parents[2] / "schemas" / "einvoice_schemas" / "terms" / "terms.json"

# The ids that the texts of CEN 1.3.16, Peppol BIS Billing 3 and XRechnung 3.0.2 (schematron 2.5.0) name.
IN_RULES = """
BG-3 BG-4 BG-5 BG-6 BG-8 BG-10 BG-11 BG-12 BG-14 BG-15 BG-16 BG-17 BG-18 BG-19 BG-20 BG-21 BG-23 BG-24 BG-25 BG-26 BG-27
BG-28 BG-32 BG-DEX-01 BG-DEX-06 BG-DEX-09 BT-1 BT-2 BT-3 BT-5 BT-6 BT-7 BT-8 BT-9 BT-10 BT-12 BT-17 BT-20 BT-24 BT-25 BT-27
BT-29 BT-30 BT-31 BT-32 BT-34 BT-35 BT-37 BT-38 BT-40 BT-41 BT-42 BT-43 BT-44 BT-47 BT-48 BT-49 BT-50 BT-52 BT-53 BT-55 BT-56
BT-59 BT-62 BT-63 BT-69 BT-72 BT-73 BT-74 BT-77 BT-78 BT-80 BT-81 BT-82 BT-83 BT-84 BT-87 BT-89 BT-90 BT-91 BT-92 BT-93 BT-95
BT-96 BT-97 BT-98 BT-99 BT-100 BT-102 BT-103 BT-104 BT-105 BT-106 BT-107 BT-108 BT-109 BT-110 BT-111 BT-112 BT-113 BT-114
BT-115 BT-116 BT-117 BT-118 BT-119 BT-120 BT-121 BT-122 BT-123 BT-124 BT-125 BT-126 BT-129 BT-130 BT-131 BT-134 BT-135 BT-136
BT-137 BT-139 BT-140 BT-141 BT-142 BT-144 BT-145 BT-146 BT-148 BT-149 BT-150 BT-151 BT-152 BT-153 BT-157 BT-158 BT-160 BT-161
BT-DEX-001 BT-DEX-002 BT-DEX-003
""".split()


def test_every_term_of_the_standard_is_there() -> None:
    expected = {f"BT-{n}" for n in range(1, 166) if n != 4} | {f"BG-{n}" for n in range(1, 33)}
    assert expected <= set(terms())
    assert "BT-4" not in terms()


def test_every_other_id_is_a_part_or_an_extension() -> None:
    shape = re.compile(r"B[TG]-(\d+|\d+-\d+|DEX-\d+)")
    assert all(shape.fullmatch(key) for key in terms())
    parts = [each for each in terms().values() if re.fullmatch(r"BT-\d+-\d+", each.id)]
    assert parts
    assert all(each.id.startswith(f"{each.parent}-") for each in parts)


def test_no_id_stands_twice() -> None:
    keys = re.findall(r'^ {2}"(B[TG]-[^"]+)":', TABLE.read_text("utf-8"), flags=re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(terms())


def test_every_id_named_in_the_rules_is_there() -> None:
    assert set(IN_RULES) <= set(terms())


def test_every_id_named_in_the_corpora_is_there(corpora: Path) -> None:
    text = (corpora / "rules.json").read_text("utf-8")
    found = set(re.findall(r"\bB[TG]-(?:DEX-)?\d+(?:-\d+)?\b", text))
    assert found <= set(terms())


def test_a_parent_comes_before_what_stands_in_it() -> None:
    seen: set[str] = set()
    for each in terms().values():
        assert each.parent is None or each.parent in seen
        assert each.parent is None or terms()[each.parent].is_group or each.id.startswith(f"{each.parent}-")
        seen.add(each.id)


@pytest.mark.parametrize("key", list(terms()))
def test_all_four_languages_are_filled_and_differ(key: str) -> None:
    names = term(key).names
    assert tuple(names) == LANGUAGES
    assert all(name.strip() == name and name for name in names.values())
    assert len({name.casefold() for name in names.values()}) == len(LANGUAGES)


def test_names_are_unique_within_a_language() -> None:
    for language in LANGUAGES:
        values = [each.name(language) for each in terms().values() if not each.id.startswith("BG")]
        assert len(values) == len(set(values)), language


def test_each_is_described_in_one_sentence() -> None:
    for each in terms().values():
        assert each.description.endswith("."), each.id
        assert ". " not in each.description, each.id


@pytest.mark.parametrize(
    ("key", "parent", "kind", "cardinality", "name"),
    [
        ("BT-1", None, "Identifier", "1..1", "Invoice number"),
        ("BT-10", None, "Text", "0..1", "Buyer reference"),
        ("BT-29", "BG-4", "Identifier", "0..n", "Seller identifier"),
        ("BT-34-1", "BT-34", "Identifier", "1..1", "Seller electronic address scheme identifier"),
        ("BG-12", "BG-11", "Group", "1..1", "Seller tax representative postal address"),
        ("BT-69", "BG-12", "Code", "1..1", "Tax representative country code"),
        ("BG-14", "BG-13", "Group", "0..1", "Invoicing period"),
        ("BT-90", "BG-19", "Identifier", "0..1", "Bank assigned creditor identifier"),
        ("BT-95", "BG-20", "Code", "1..1", "Document level allowance VAT category code"),
        ("BG-23", None, "Group", "1..n", "VAT breakdown"),
        ("BT-125-1", "BT-125", "Code", "1..1", "Attached document Mime code"),
        ("BG-32", "BG-31", "Group", "0..n", "Item attributes"),
        ("BT-146", "BG-29", "Unit Price", "1..1", "Item net price"),
        ("BT-165", "BG-15", "Text", "0..1", "Deliver to address line 3"),
        ("BG-DEX-01", "BG-25", "Group", "0..n", "Sub invoice line"),
        ("BT-DEX-002", "BG-DEX-09", "Amount", "1..1", "Third party payment amount"),
    ],
)
def test_a_term(key: str, parent: str | None, kind: str, cardinality: str, name: str) -> None:
    found = term(key)
    assert (found.parent, found.kind, found.cardinality, found.name()) == (parent, kind, cardinality, name)


def test_a_name_is_had_by_language() -> None:
    assert [term("BT-1").name(each) for each in ("en", "nl", "de", "fr")] == [
        "Invoice number",
        "Factuurnummer",
        "Rechnungsnummer",
        "Numéro de facture",
    ]
    assert term("BT-10").name("de-AT") == "Käuferreferenz"


def test_what_is_unknown_raises() -> None:
    with pytest.raises(KeyError, match="BT-1"):
        term("BT-1000")
    with pytest.raises(KeyError):
        term("BT-1").name("it")


def test_children_are_in_order() -> None:
    assert [each.id for each in children("BG-5")] == ["BT-35", "BT-36", "BT-162", "BT-37", "BT-38", "BT-39", "BT-40"]
    assert children("BT-1") == ()
    assert next(iter(children())).id == "BT-1"


def test_the_file_says_its_version_and_source() -> None:
    head = json.loads(TABLE.read_text("utf-8"))
    assert head["version"].startswith("EN 16931-1:2017+A1:2019")
    assert head["source"]
    assert tuple(head["languages"]) == LANGUAGES
