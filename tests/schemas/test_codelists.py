"""The code lists: what CEN 1.3.16, Peppol 2026.5 and XRechnung 3.0.2 allow, and the script that reads it from their artefacts."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from einvoice_schemas.codelists import artefacts, code_list, code_set, codes, names, namings, report, translate, update
from einvoice_schemas.codelists.recipes import RECIPES
from einvoice_schemas.terms import terms

ROOT = Path(__file__).parents[2]
EVERY = [(name, subset) for name in names() for subset in code_list(name).subsets]


def test_there_is_a_file_for_each_recipe() -> None:
    assert names() == tuple(sorted(recipe.name for recipe in RECIPES))


@pytest.mark.parametrize("name", names())
def test_a_list_says_what_it_is(name: str) -> None:
    found = code_list(name)
    assert found.name == name
    assert found.title
    assert found.version
    assert found.source
    begins = date.fromisoformat(found.valid_from)
    assert found.valid_to is None or date.fromisoformat(found.valid_to) > begins
    assert found.used_by
    assert found.terms
    assert set(found.terms) <= set(terms())
    assert found.codes
    assert all(key == code.code and code.name == " ".join(code.name.split()) for key, code in found.codes.items())
    assert all(code.name for code in found.codes.values())


@pytest.mark.parametrize(("name", "subset"), EVERY)
def test_a_subset_holds_codes_of_its_list(name: str, subset: str) -> None:
    found = codes(name, subset)
    assert found
    assert set(found) <= set(codes(name))
    assert code_set(name, subset) == set(found)
    assert code_set(name) == set(codes(name))


def test_a_list_holds_nothing_that_no_subset_allows() -> None:
    for name in names():
        found = code_list(name)
        assert set(found.codes) == {code for subset in found.subsets.values() for code in subset}


@pytest.mark.parametrize(
    ("name", "subset", "count"),
    [
        ("untdid-1001", "cen-ubl-invoice", 50),
        ("untdid-1001", "cen-ubl-creditnote", 13),
        ("untdid-1001", "cen-cii", 62),
        ("untdid-1001", "peppol-invoice", 26),
        ("untdid-1001", "peppol-creditnote", 5),
        ("untdid-1153", "cen-ubl", 818),
        ("untdid-4451", "cen-ubl", 383),
        ("untdid-4451", "cen-cii", 401),
        ("untdid-4461", "cen-ubl", 84),
        ("untdid-5189", "peppol", 19),
        ("untdid-5305", "cen-cii", 10),
        ("untdid-7143", "cen-ubl", 185),
        ("untdid-7161", "cen-ubl", 178),
        ("iso-3166-1", "cen-ubl", 251),
        ("iso-4217", "cen-ubl", 178),
        ("iso-6523", "cen-ubl", 243),
        ("eas", "cen-ubl", 104),
        ("eas", "peppol", 82),
        ("vatex", "cen-ubl", 88),
        ("unece-units", "cen-ubl", 2162),
        ("mime", "cen-ubl", 6),
    ],
)
def test_a_subset_is_as_long_as_the_official_one(name: str, subset: str, count: int) -> None:
    assert len(codes(name, subset)) == count


def test_currencies_are_those_of_1_3_16() -> None:
    cen = codes("iso-4217", "cen-ubl")
    assert {"EUR", "XCG", "CNH"} <= set(cen)
    assert not {"BGN", "ANG", "HRK"} & set(codes("iso-4217"))
    assert cen["XCG"].name == "Caribbean Guilder"


def test_cen_and_peppol_name_the_dobra_differently() -> None:
    cen, peppol = set(codes("iso-4217", "cen-ubl")), set(codes("iso-4217", "peppol"))
    assert cen - peppol == {"STD"}
    assert peppol - cen == {"STN"}


def test_502_and_503_are_credit_notes() -> None:
    assert {"502", "503"} <= set(codes("untdid-1001", "cen-ubl-creditnote"))
    assert not {"502", "503"} & set(codes("untdid-1001", "cen-ubl-invoice"))


def test_only_81_is_both_an_invoice_and_a_credit_note() -> None:
    assert set(codes("untdid-1001", "cen-ubl-invoice")) & set(codes("untdid-1001", "cen-ubl-creditnote")) == {"81"}


def test_xrechnung_and_peppol_in_germany_allow_the_same_documents() -> None:
    expected = {"326", "380", "381", "384", "389", "875", "876", "877"}
    assert set(codes("untdid-1001", "xrechnung")) == set(codes("untdid-1001", "peppol-germany")) == expected


def test_self_billing_allows_self_billed_documents_only() -> None:
    assert set(codes("untdid-1001", "peppol-selfbilling-invoice")) == {"389", "527"}
    assert set(codes("untdid-1001", "peppol-selfbilling-creditnote")) == {"261"}


def test_identification_schemes_reach_0248() -> None:
    assert {"0245", "0246", "0247", "0248"} <= set(codes("iso-6523", "cen-ubl"))
    assert "0249" not in codes("iso-6523")
    assert "SEPA" not in codes("iso-6523")
    assert set(codes("sepa")) == {"SEPA"}


def test_address_schemes() -> None:
    assert "0208" in codes("eas", "peppol")
    assert codes("eas")["0246"].name == "German Electronic Business Address"
    assert {"EM", "0204", "0088"} <= set(codes("eas", "cen-cii"))
    assert "EM" not in codes("eas", "peppol")


def test_the_extension_adds_three_schemes_and_cannot_find_0244() -> None:
    for name in ("eas", "iso-6523"):
        assert {"XR01", "XR02", "XR03"} <= set(codes(name, "xrechnung-extension"))
        assert not {"XR01", "XR02", "XR03"} & set(codes(name, "cen-ubl"))
    assert "0243" in codes("iso-6523", "xrechnung-extension")
    assert "0244" not in codes("iso-6523", "xrechnung-extension")  # the last word of their list lacks the space the test looks for


def test_countries_differ_by_syntax() -> None:
    ubl, cii = set(codes("iso-3166-1", "cen-ubl")), set(codes("iso-3166-1", "cen-cii"))
    assert ubl - cii == {"SS"}
    assert cii - ubl == {"AN"}
    assert {"1A", "XI", "BE"} <= ubl & cii
    assert set(codes("iso-3166-1", "cen-ubl-vat-prefix")) - ubl == {"EL"}


def test_the_vat_date_is_translated_both_ways() -> None:
    for cii, ubl in (("5", "3"), ("29", "35"), ("72", "432")):
        assert translate(cii, "untdid-2475", "untdid-2005") == ubl
        assert translate(ubl, "untdid-2005", "untdid-2475") == cii
    assert translate("99", "untdid-2475", "untdid-2005") is None


def test_exemption_reasons_know_their_category() -> None:
    assert translate("VATEX-EU-IC", "vatex", "untdid-5305") == "K"
    assert translate("VATEX-EU-132", "vatex", "untdid-5305") is None


@pytest.mark.parametrize("name", names())
def test_a_map_leads_from_codes_to_codes(name: str) -> None:
    for target, pairs in code_list(name).maps.items():
        assert set(pairs) <= set(codes(name))
        assert set(pairs.values()) <= set(codes(target))


def test_units_hold_packages_with_an_x() -> None:
    units = codes("unece-units")
    assert units["C62"].name == "one"
    assert units["XBX"].name == "Box"
    assert "BX" not in units


def test_an_extension_may_attach_xml() -> None:
    assert set(codes("mime", "xrechnung-extension")) - set(codes("mime", "cen-ubl")) == {"application/xml"}


def test_what_is_unknown_raises_with_what_comes_near() -> None:
    with pytest.raises(KeyError, match="eas"):
        codes("EAS")
    with pytest.raises(KeyError, match="cen-ubl"):
        codes("eas", "cen-ubi")
    with pytest.raises(KeyError, match="eas"):
        code_set("eass")
    with pytest.raises(KeyError, match="cen-ubl"):
        code_set("eas", "cen-ubi")
    with pytest.raises(KeyError):
        translate("5", "untdid-2475", "eas")


def test_the_lists_are_read_once_and_cannot_be_changed() -> None:
    assert codes("eas") is codes("eas")
    with pytest.raises(TypeError):
        codes("eas")["0000"] = codes("eas")["0208"]  # type: ignore[index]


def test_importing_reads_no_list_and_needs_no_dependency() -> None:
    asked = (
        "import sys, einvoice_schemas.codelists, einvoice_schemas.terms; "
        "print([each for each in ('lxml', 'pydantic', 'xml', 'difflib') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_page_is_current() -> None:
    assert (ROOT / "docs" / "codelists.md").read_text("utf-8") == report.table()


SCHEMATRON = """<schema xmlns="http://purl.oclc.org/dsdl/schematron">
  <let name="LIST" value="concat(' X1 ', ' A1 A2 A3')"/>
  <let name="WORDS" value="tokenize('B1 B2', '\\s')"/>
  <pattern><rule context="a">
    <assert id="R-1" test="contains($LIST, concat(' ', ., ' '))">text</assert>
    <assert id="R-2" test="some $code in $WORDS satisfies . = $code">text</assert>
    <assert id="R-3" test="@mime = 'text/csv' or @mime = 'image/png'">text</assert>
  </rule></pattern>
</schema>"""

STYLESHEET = """<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:svrl="http://purl.oclc.org/dsdl/svrl">
  <xsl:template match="a">
    <svrl:failed-assert test="contains(' A1 A2 ', concat(' ', ., ' '))"><xsl:attribute name="id">R-1</xsl:attribute></svrl:failed-assert>
  </xsl:template>
</xsl:stylesheet>"""


def test_rules_are_read_from_schematron(tmp_path: Path) -> None:
    path = tmp_path / "a.sch"
    path.write_text(SCHEMATRON)
    rules = artefacts.read(path)
    assert [words for words in rules.literals("R-1") if "A1" in words] == [("A1", "A2")]
    assert ("X1",) in rules.literals("R-1")
    assert ("B1", "B2") in rules.literals("R-2")
    assert rules.literals("R-3") == [("text/csv",), ("image/png",)]
    assert rules.literals("R-4") == []


def test_rules_are_read_from_stylesheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xslt"
    path.write_text(STYLESHEET)
    assert artefacts.files(tmp_path) == [path]
    assert ("A1", "A2") in artefacts.merge([artefacts.read(path)]).literals("R-1")


def test_names_are_read_from_the_publishers_formats(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_text(
        '<CodeList xmlns="urn:x"><Identifier>ICD</Identifier><Code><Id>0002</Id><Name> One\n name</Name></Code></CodeList>'
    )
    (tmp_path / "2.gc").write_text(
        '<gc:CodeList xmlns:gc="urn:gc"><Identification><ShortName>EAS</ShortName></Identification><SimpleCodeList><Row>'
        '<Value ColumnRef="code"><SimpleValue>0208</SimpleValue></Value><Value ColumnRef="name"><SimpleValue>KBO</SimpleValue></Value>'
        "</Row></SimpleCodeList></gc:CodeList>"
    )
    (tmp_path / "3.json").write_text(json.dumps({"mime": {"text/csv": "CSV"}}))
    found = namings.collect([tmp_path])
    assert found == {"iso-6523": {"0002": "One name"}, "eas": {"0208": "KBO"}, "mime": {"text/csv": "CSV"}}


def test_the_script_refuses_a_folder_without_rules(tmp_path: Path) -> None:
    given = [part for publisher in ("cen", "peppol", "xrechnung") for part in (f"--{publisher}", str(tmp_path))]
    with pytest.raises(SystemExit):
        update.main([*given, "--out", str(tmp_path)])


def test_a_list_is_cooked_from_its_rules() -> None:
    recipe = next(recipe for recipe in RECIPES if recipe.name == "untdid-2475")
    complaints: list[str] = []
    rules = artefacts.Rules({"BR-CL-06": ["contains(' 5 29 73 ', concat(' ', ., ' '))"]}, {})
    cooked = update.cook(recipe, {"cen-cii": rules}, {"73": "New"}, {"5": {"name": "Kept"}}, complaints)
    assert cooked["subsets"] == {"cen-cii": "*"}
    assert cooked["codes"] == {"5": {"name": "Kept"}, "29": {"name": ""}, "73": {"name": "New"}}
    assert complaints == ["untdid-2475: 29 has no name"]


def test_the_files_are_as_the_script_writes_them() -> None:
    for name in names():
        text = (Path(update.HERE) / f"{name}.json").read_text("utf-8")
        assert update.dump(json.loads(text)) == text
