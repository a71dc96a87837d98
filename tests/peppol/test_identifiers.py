"""Participants, document types and processes: the policy, the lists of the network, the check digits of each country."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.errors import BadIdentifier
from einvoice_peppol.identifiers import DocumentType, Participant, Process, documents, kinds, participants, processes
from einvoice_peppol.identifiers.lists import State, code_list
from einvoice_peppol.identifiers.schemes import schemes

DAY = date(2026, 11, 28)
GOOD = """
0002:784301772 0002:78430177200025 0007:2120000787 0009:78430177200025 0060:812810734 0088:7300010000001 0096:1234567890
0106:12345678 0151:51824753556 0183:CHE100155212 0184:13585628 0184:DK13585628 0188:5835678256246 0190:00000001820029336000
0191:12345678 0192:923609016 0195:SGUEN200254321Z 0196:4504013150 0198:DK13585628 0199:213800KUD8LAJWSQ9D15
0204:991-03730-19 0208:0428759497 0210:RCCMNL83S18D969H 0211:IT00743110157 0216:003720774740 0221:T5835678256246
0225:784301772_A 0242:000123 0242:000123-MLS.x12 0246:DE123456789-00001.ABC 9909:NO923609016MVA 9909:923609016MVA
9910:HU12892312 9914:ATU13585627 9915:test
9918:GB82WEST12345698765432 9920:ES54362315K 9925:BE0428759497 9926:BG175074752 9927:CHE100155212MWST 9928:CY10259033P
9929:CZ25123891 9930:DE136695976 9931:EE100931558 9932:GB980780684 9933:EL094259216 9934:HR33392005961 9935:IE6433435F
9937:LT119511515 9938:LU15027442 9943:MT11679112 9944:NL4495445B01 9945:PL8567346215 9946:PT501964843
9947:RO18547290 9948:RS101134702 9949:SI50223054 9950:SK2022749619 9957:FR40303265045 9957:23334175221
""".split()
BAD = """
0002:784301773 0007:2120000788 0009:78430177200026 0088:7300010000002 0106:1234567 0151:51824753557 0183:CHE100155213 0184:13585627
0188:5835678256247 0191:12345679 0192:923609017 0198:13585628 0199:213800KUD8LAJWSQ9D16 0204:991-03730-18
0208:0428759498 0208:428759497 0208:2428759497 0211:IT00743110158 0216:003720774741 0242:12345 9914:ATU13585626 9925:BE0428759498
9930:DE136695977 9944:4495445B01 9957:FR41303265045 0208:0814091900 9925:BE0814091900 0208:BE0428759497 9910:12892312
""".split()


def longer(text: str) -> str:
    return text.replace("9944:NL4495445B01", "9944:NL004495445B01")


@pytest.mark.parametrize("text", [longer(text) for text in GOOD])
def test_what_holds(text: str) -> None:
    scheme, _, value = text.partition(":")
    assert participants.parse(text, on=DAY) == Participant(scheme, value.lower())
    assert participants.parse(f" iso6523-actorid-upis::{text.upper()}\n", on=DAY) == participants.parse(text, on=DAY)


@pytest.mark.parametrize("text", BAD)
def test_what_does_not(text: str) -> None:
    with pytest.raises(BadIdentifier):
        participants.parse(text, on=DAY)
    assert participants.parse(text, strict=False).id == text.lower()


@pytest.mark.parametrize("text", [longer(text) for text in GOOD if (known := schemes().get(text[:4])) and known.checks])
def test_an_altered_digit_is_found(text: str) -> None:
    """Four of five single wrong digits at least; a Dutch VAT number holds by one of two algorithms, so that more slip through."""
    changed = altered(text)
    found = sum(map(refused, changed))
    assert found >= 0.8 * len(changed), (found, len(changed))


def altered(text: str) -> list[str]:
    """The identifier with one digit changed, every way, of those that the check digits cover."""
    code, _, value = text.partition(":")
    number = schemes()[code].shape.fullmatch(value)
    assert number
    first, last = number.span("number") if "number" in number.re.groupindex else (0, len(value))
    places = [place for place in range(first, last) if value[place].isdigit()]
    return [f"{code}:{value[:place]}{digit}{value[place + 1 :]}" for place in places for digit in "0123456789" if digit != value[place]]


def refused(text: str) -> bool:
    """Whether an identifier is refused."""
    try:
        participants.parse(text, on=DAY)
    except BadIdentifier:
        return True
    return False


@pytest.mark.parametrize(
    "text",
    ["", ":", "0208", "0208:", "208:0428759497", "DE:123", "0208:04 28", "0208:é", "0208:" + "1" * 131, "a::0208:0428759497", "٠٢٠٨:1"],
)
@pytest.mark.parametrize("strict", [True, False])
def test_no_participant(text: str, strict: bool) -> None:
    with pytest.raises(BadIdentifier):
        participants.parse(text, strict=strict)


def test_the_mend_is_named() -> None:
    with pytest.raises(BadIdentifier, match=re.escape("write 0208:0428759497")):
        participants.parse("0208:0428.759.497")


def test_schemes_come_and_go() -> None:
    with pytest.raises(BadIdentifier):
        participants.parse("9956:0428759497", on=DAY)
    with pytest.raises(BadIdentifier):
        participants.parse("0193:abcd", on=DAY)
    assert participants.parse("0193:abcd", on=date(2026, 7, 6)).scheme == "0193"
    with pytest.raises(BadIdentifier):
        participants.parse("0299:123456", on=DAY)


def test_lists() -> None:
    """Their sizes are the official entry-counts of release 9.7."""
    sizes = {"participants": 105, "documents": 321, "processes": 109, "transports": 5, "usecases": 1}
    for name, size in sizes.items():
        found = code_list(name)
        assert (found.version, len(found.entries)) == ("9.7", size)
    active = [entry.code for entry in code_list("transports").entries.values() if entry.on(DAY) is State.ACTIVE]
    assert active == ["peppol-transport-as4-v2_0"]


def test_every_scheme_with_a_shape_is_listed_and_every_document_type_is_read() -> None:
    assert set(schemes()) <= {code for _, code in code_list("participants").entries}
    known = {key for key, _ in code_list("processes").entries.items()}
    for (scheme, value), entry in code_list("documents").entries.items():
        assert documents.parse(f"{scheme}::{value}") == DocumentType(value, scheme)
        parts = documents.split(value)
        syntax = f"{parts.namespace}::{parts.name}" if parts.name else parts.namespace
        assert f"{syntax}##{parts.customization}::{parts.version}" == value
        for text in entry.processes:
            process = processes.parse(text)
            assert (process.scheme, process.value) in known


INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice##"
TSR, EUSR = "urn:fdc:peppol:transaction-statistics-report:1.0", "urn:fdc:peppol:end-user-statistics-report:1.1"
RESPONSE = "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2::ApplicationResponse##"


def test_document_types_find_their_scheme() -> None:
    billing = f"{INVOICE}urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
    assert documents.parse(billing, strict=True).scheme == "busdox-docid-qns"
    pint = documents.parse(f"{INVOICE}urn:peppol:pint:billing-1@jp-1::2.1", strict=True, on=DAY)
    assert pint.scheme == "peppol-doctype-wildcard"
    with pytest.raises(BadIdentifier):
        documents.parse(f"busdox-docid-qns::{pint.value}", strict=True, on=DAY)
    for text in ("", "a::b", "a##b", "a##::1", "##b::1", "a::b##c::1\n2", "a::b##" + "c" * 500 + "::1", "a::b## c::1"):
        with pytest.raises(BadIdentifier):
            documents.parse(text)
    with pytest.raises(BadIdentifier):
        documents.parse("a::b##c::1", strict=True)


def test_processes() -> None:
    assert processes.parse("urn:peppol:bis:billing", strict=True) == Process("urn:peppol:bis:billing")
    assert processes.parse("oioubl-procid-ubl::Reference-Utility-1.0", strict=True).scheme == "oioubl-procid-ubl"
    for text in ("", "a b", "x" * 201):
        with pytest.raises(BadIdentifier):
            processes.parse(text)
    with pytest.raises(BadIdentifier):
        processes.parse("urn:unknown", strict=True)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (f"{INVOICE}urn:anything::2.1", "invoice"),
        ("urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2::CreditNote##urn:peppol:pint:billing-1@eu-1*::2.1", "invoice"),
        ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100::CrossIndustryInvoice##urn:x::D16B", "invoice"),
        (f"{RESPONSE}urn:fdc:peppol.eu:poacc:trns:invoice_response:3::2.1", "invoice_response"),
        (f"{RESPONSE}urn:fdc:peppol.eu:poacc:trns:mlr:3::2.1", "mlr"),
        (f"{RESPONSE}urn:peppol:edec:mls:1.0::2.1", "mls"),
        (
            f"{TSR}::TransactionStatisticsReport##urn:fdc:peppol.eu:edec:trns:transaction-statistics-reporting:1.0::1.0",
            "report",
        ),
        (f"{EUSR}::EndUserStatisticsReport##urn:fdc:peppol.eu:edec:trns:end-user-statistics-report:1.1::1.1", "report"),
        (f"{RESPONSE}urn:else::2.1", "other"),
        ("nonsense", "other"),
    ],
)
def test_kinds(value: str, kind: str) -> None:
    assert kinds.kind(DocumentType(value)) == kind


@given(st.text(max_size=200), st.booleans())
def test_any_text_is_read_or_refused(text: str, strict: bool) -> None:
    for read in (participants.parse, documents.parse, processes.parse):
        with suppress(BadIdentifier):
            read(text, strict=strict)


@given(st.from_regex(r"[0-9]{4}:[!-~]{1,130}", fullmatch=True))
def test_lax_is_idempotent(text: str) -> None:
    once = participants.parse(text, strict=False)
    assert participants.parse(once.id, strict=False) == once == participants.parse(str(once), strict=False)
