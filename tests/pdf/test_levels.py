"""Levels of hybrids: found by profile, by the name in the metadata, by BT-24; and what the files of others say of them."""

from __future__ import annotations

import re

import pytest

from einvoice.errors import NoInvoice, SeveralInvoices
from einvoice.pdf.claims import claims
from einvoice.pdf.extract import chosen
from einvoice.pdf.levels import LEVELS, STANDARDS, ZUGFERD_1, ZUGFERD_2_0, Level, by_name, by_profile, of_specification
from einvoice.pdf.opening import opened
from einvoice_schemas.profiles import profile
from tests.corpora import ABSENT, folder

NORM = "urn:cen.eu:en16931:2017"
GUIDELINE = re.compile(rb"<[^>]*GuidelineSpecifiedDocumentContextParameter>\s*<[^>]*:ID[^>]*>([^<]*)<")


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.profile)
def test_a_level_is_found_by_each_of_its_names(level: Level) -> None:
    assert by_profile(level.profile) == by_name(level.name) == level
    assert of_specification(profile(level.profile).specification) == level


@pytest.mark.parametrize("spelled", ["EN 16931", "en16931", "EN_16931", "BASIC WL", "BASICWL", "Basic-WL"])
def test_spelling_does_not_count(spelled: str) -> None:
    found = by_name(spelled)
    assert found is not None
    assert found.name == ("BASIC WL" if spelled[0] == "B" else "EN 16931")


def test_the_older_standards_have_levels_of_their_own() -> None:
    older = {standard.name: [level.name for level in standard.levels] for standard in STANDARDS}
    assert older["ZUGFeRD 1"] == ["BASIC", "COMFORT", "EXTENDED"]
    assert older["ZUGFeRD 2.0"] == ["MINIMUM", "BASIC WL", "BASIC", "EN 16931", "EXTENDED"]
    assert by_name("COMFORT") is None
    assert by_name("COMFORT", STANDARDS[2]) == ZUGFERD_1[1]
    assert {level.filename for level in ZUGFERD_2_0} == {"zugferd-invoice.xml"}


@pytest.mark.parametrize(
    ("specification", "name", "version"),
    [
        (NORM, "EN 16931", "1.0"),
        (f" {NORM}\n", "EN 16931", "1.0"),
        ("urn:zugferd.de:2p0:minimum", "MINIMUM", "1.0"),
        (f"{NORM}:compliant:factur-x.eu:1p0:basic", "BASIC", "1.0"),
        (f"{NORM}#conformant#urn:zugferd.de:2p0:extended", "EXTENDED", "1.0"),
        ("urn:ferd:CrossIndustryDocument:invoice:1p0:comfort", "COMFORT", "1.0"),
        (f"{NORM}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", "XRECHNUNG", "3.0"),
        (f"{NORM}#compliant#urn:xoev-de:kosit:standard:xrechnung_2.1", "XRECHNUNG", "2.1"),
        (profile("xrechnung-extension").specification, "XRECHNUNG", "3.0"),
    ],
)
def test_the_specification_says_the_level(specification: str, name: str, version: str) -> None:
    found = of_specification(specification)
    assert found is not None
    assert (found.name, found.version) == (name, version)


@pytest.mark.parametrize("specification", [None, "", "urn:x", profile("peppol").specification, profile("nlcius").specification])
def test_other_specifications_have_none(specification: str | None) -> None:
    assert of_specification(specification) is None
    assert by_profile("peppol") is None


def test_relationships_depend_on_level_and_country() -> None:
    allowed = {level.name: (level.allowed(), level.allowed("DE"), level.allowed("FR")) for level in LEVELS}
    assert allowed["MINIMUM"] == allowed["BASIC WL"] == (("Data",),) * 3
    anywhere = ("Alternative", "Source", "Data")
    assert all(allowed[level.name] == (anywhere, ("Alternative",), anywhere) for level in LEVELS[2:])


def test_the_hybrids_of_others_name_levels_that_we_know() -> None:
    """Their metadata and their XML, each read by itself, lead to levels of the same name."""
    corpora = folder()
    if corpora is None:
        pytest.skip(ABSENT)
    agreed, unknown = 0, []
    for path in sorted((corpora / "zugferd-pdf").rglob("*.pdf")):
        with opened(path) as pdf:
            try:
                hybrid, _ = chosen(pdf)
            except (NoInvoice, SeveralInvoices):
                continue
            stated = next(claim for claim in claims(pdf) if claim.filename == hybrid.filename)
        named = by_name(stated.level or "", stated.standard)
        found = GUIDELINE.search(hybrid.data)
        assert named is not None
        assert found is not None
        level = of_specification(found[1].decode())
        if level is None:
            unknown.append(path.name)
            continue
        assert named.name == level.name, path.name
        agreed += 1
    assert unknown == ["ZUGFeRDv2_fail_MustangRE-20171118_506_ZUGFeRD1and2.pdf"]  # EXTENDED said to be compliant, which it is not
    assert agreed >= 39
