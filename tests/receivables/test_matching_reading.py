"""Statements of CAMT, MT940 and CODA: what they say, and how they are refused where they are not whole."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einvoice.receivables.matching.reading import StatementRefused, read
from einvoice.receivables.matching.reading.details import details
from tests.receivables import bank_files
from tests.receivables.bank_trials import formats, some, whole

OPENING = Decimal("500.00")
LINES = some(60).lines[:20]
CAMT = bank_files.camt(LINES, 1, OPENING)
MT940 = bank_files.mt940(LINES, 1, OPENING)
CODA = bank_files.coda(LINES, 1, OPENING)


def test_every_format_and_version_gives_back_what_was_sent() -> None:
    found, faults = formats(12)
    assert faults == []
    assert len(found) == 27


@pytest.mark.parametrize("data", [CAMT, MT940, CODA], ids=["camt", "mt940", "coda"])
def test_a_file_is_known_by_its_content_and_its_balances_hold(data: bytes) -> None:
    (statement,) = read(data, "x")
    assert statement.opening == OPENING
    assert statement.closing == OPENING + sum(line.amount for line in statement.lines)
    assert len({line.key for line in statement.lines}) == len(LINES)


@pytest.mark.parametrize("form", ["camt", "mt940", "coda"])
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_a_file_that_is_cut_is_refused(form: str, data: st.DataObject) -> None:
    whole_file = {"camt": CAMT, "mt940": MT940, "coda": CODA}[form]
    at = data.draw(st.integers(1, whole(form, whole_file) - 1))
    with pytest.raises(StatementRefused) as refused:
        read(whole_file[:at], "cut.bank")
    assert refused.value.file == "cut.bank"


def _changed(data: bytes, was: bytes, becomes: bytes) -> bytes:
    assert was in data
    return data.replace(was, becomes, 1)


FIRST = f"{abs(LINES[0].amount):.2f}".encode()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (_changed(CAMT, b'<Amt Ccy="EUR">500.00', b'<Amt Ccy="EUR">500.01'), "closing balance"),
        (_changed(CAMT, b"<NbOfNtries>", b"<NbOfNtries>1"), "TxsSummry/TtlNtries/NbOfNtries"),
        (_changed(CAMT, b"<Ccy>EUR</Ccy>", b"<Ccy>USD</Ccy>"), "Bal"),
        (_changed(CAMT, b"<Cd>CLBD</Cd>", b"<Cd>CLAV</Cd>"), "Bal"),
        (_changed(CAMT, b"<BookgDt><Dt>2026", b"<BookgDt><Dt>20x6"), "BookgDt"),
        (_changed(CAMT, b"<CdtDbtInd>CRDT", b"<CdtDbtInd>CREDIT"), "CdtDbtInd"),
        (_changed(MT940, b":60F:C", b":60F:D"), "62F"),
        (_changed(MT940, b"EUR500,00", b"USD500,00"), "62F"),
        (_changed(MT940, b":25:", b":24:"), "25"),
        (_changed(MT940, b":61:26", b":61:xx"), "61"),
        (CODA[:-3] + b"1\r\n", "multiple file code"),
        (_changed(CODA, b"\r\n9" + b" " * 15 + b"0000", b"\r\n9" + b" " * 15 + b"0001"), "number of records"),
    ],
)
def test_what_does_not_hold_names_its_field(data: bytes, field: str | None) -> None:
    with pytest.raises(StatementRefused) as refused:
        read(data, "bad.bank")
    assert field is None or refused.value.field == field
    assert refused.value.mend


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"<html/>", b"<Document/>", b'<!DOCTYPE a [<!ENTITY x "y">]><Document>&x;</Document>', b"\xff\xfe", b":20:x\n"],
)
def test_what_is_no_statement_is_refused(data: bytes) -> None:
    with pytest.raises(StatementRefused):
        read(data, "x")


def test_a_batch_is_as_many_lines_as_it_tells() -> None:
    day = LINES[0].day
    lines = [line._replace(day=day, amount=abs(line.amount), reversal=False, code="PMNT-RCDT-ESCT") for line in LINES]
    (statement,) = read(bank_files.camt(lines, 1, OPENING), "x")
    assert [line.amount for line in statement.lines] == [line.amount for line in lines]


def test_a_total_without_its_parts_is_one_line_that_says_so() -> None:
    data = _changed(CAMT, b"<NtryDtls><TxDtls>", b"<NtryDtls><Btch><NbOfTxs>12</NbOfTxs></Btch><TxDtls>")
    (statement,) = read(data, "x")
    assert statement.lines[0].many == 12


def test_identical_lines_of_a_day_have_ordinals() -> None:
    one = LINES[0]._replace(end_to_end="")
    (statement,) = read(bank_files.camt([one, one], 1, OPENING), "x")
    assert [line.key.rpartition(":")[2] for line in statement.lines] == ["1", "2"]


GERMAN = "166?00GUTSCHRIFT?20EREF+E1?21MREF+M-7?22SVWZ+Rechnung 2026-0012?233 vom 1.1.?31DE89370400440532013000?32Muster?33mann GmbH?34901"
DUTCH = "/TRTP/SEPA OVERBOEKING/IBAN/NL20INGB0001234567/BIC/INGBNL2A/NAME/J JANSEN/REMI/USTD//Factuur 12/EREF/E2"
ING = "/EREF/E3//CNTP/NL20INGB0001234567/INGBNL2A/J JANSEN///REMI/STRD/CUR/5000056789012345/"
ABN = "SEPA Overboeking IBAN: NL20INGB0001234567 BIC: INGBNL2A Naam: J Jansen Omschrijving: Factuur 12 Kenmerk: E4"


@pytest.mark.parametrize(
    ("about", "wanted"),
    [
        (GERMAN, ("Mustermann GmbH", "DE89370400440532013000", "Rechnung 2026-0012 3 vom 1.1.", "E1", "M-7", "901")),
        (DUTCH, ("J JANSEN", "NL20INGB0001234567", "Factuur 12", "E2", "", "")),
        (ABN, ("J Jansen", "NL20INGB0001234567", "Factuur 12", "E4", "", "")),
        ("OVERSCHRIJVING BE71 0961 2345 6769 +++010/8068/17183+++", ("", "BE71096123456769", None, "", "", "")),
    ],
)
def test_field_86_as_banks_structure_it(about: str, wanted: tuple[str | None, ...]) -> None:
    found = details(about)
    assert (found.name, found.iban, found.end_to_end, found.mandate, found.reason) == (wanted[0], wanted[1], *wanted[3:])
    assert wanted[2] is None or found.text == wanted[2]


def test_a_structured_reference_of_field_86() -> None:
    assert details(ING).references == ("5000056789012345",)
    assert details(ING).name == "J JANSEN"


def test_the_entry_date_of_a_new_year_is_not_of_the_old_one() -> None:
    data = MT940.replace(b":61:" + f"{LINES[0].day:%y%m%d%m%d}".encode(), b":61:2612310102", 1)
    (statement,) = read(data, "x")
    assert (statement.lines[0].valued, statement.lines[0].booked) == (date(2026, 12, 31), date(2027, 1, 2))


_PIECES = [b"<", b">", b"&", b"\x00", b"\xff", b"9", b"-", b",", b"\r\n", b"\r\n:61:", b":62F:", "\u0661".encode(), b"?20", b"/REMI/"]


@pytest.mark.parametrize("data", [CAMT, MT940, CODA], ids=["camt", "mt940", "coda"])
def test_whatever_is_changed_is_read_or_refused(data: bytes) -> None:
    """Pieces put in, left out and repeated, anywhere: no other error than a refusal."""
    chance, refused = random.Random(1), 0
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(chance.choice((1, 1, 3))):
            at = chance.randrange(len(changed))
            which = chance.random()
            if which < 0.4:
                changed[at : at + 1] = chance.choice(_PIECES)
            elif which < 0.7:
                del changed[at : at + chance.choice((1, 3, 20, 128))]
            else:
                changed[at:at] = changed[at : at + chance.choice((1, 30, 130))]
        try:
            read(bytes(changed), "changed")
        except StatementRefused as fault:
            refused += fault.file == "changed"
    assert refused > 50


def test_a_bomb_costs_no_memory() -> None:
    with pytest.raises(StatementRefused):
        read(b'<?xml version="1.0"?><Document>' + b"<a/>" * 300_000 + b"</Document>", "bomb")
