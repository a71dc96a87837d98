"""CODA: structured communications, direct debits, details under a total, version 1."""

from __future__ import annotations

from decimal import Decimal

import pytest

from einvoice.receivables.matching.reading import StatementRefused, read

ZONE = f"{'BE68539007547034':<31}   EUR"


def movement(amount: str, *, number: int = 1, detail: int = 0, code: str = "00150000", said: str = "", kind: str = "0") -> list[str]:
    """Records 21, 22 and 23 of a movement."""
    value = Decimal(amount)
    signed = f"{'1' if value < 0 else '0'}{int(abs(value) * 1000):015}"
    head, zone = f"{number:04}{detail:04}", f"{said:<149}"[:149]
    first = f"21{head}{'BANKREF' + str(number):<21}{signed}021126{code}{kind}{zone[:53]}0211260010"
    second = f"22{head}{zone[53:106]}{'E2E-' + str(number):<35}{'':11}{'':3} {'':4}{'':4}{'':4}1 0"
    third = f"23{head}{'NL91ABNA0417164300':<34}EUR{'J Jansen':<35}{zone[106:149]}0 0"
    return [f"{first}1 0", second, third]


def coda(*movements: list[str], total: str, version: str = "2", zone: str = ZONE, structure: str = "2") -> bytes:
    """A file of these movements, from a balance of zero."""
    value = Decimal(total)
    signed = f"{'1' if value < 0 else '0'}{int(abs(value) * 1000):015}"
    rows = [f"0000002112653905 {'':7}{'FILE':<10}{'CREDITOR':<26}{'KREDBEBB':<11}00123456789 {'':5}{'':16}{'':16}{'':7}{version}"]
    rows.append(f"1{structure}001{zone}0{0:015}011126{'CREDITOR':<26}{'ACCOUNT':<35}001")
    rows += [row for each in movements for row in each]
    rows.append(f"8001{zone}{signed}021126{'':64}0")
    mains = [Decimal(row[31:47][1:]) / 1000 * (-1 if row[31] == "1" else 1) for row in rows if row[:2] == "21" and row[6:10] == "0000"]
    debit, credit = -sum(each for each in mains if each < 0), sum(each for each in mains if each > 0)
    rows.append(f"9{'':15}{len(rows) - 1:06}{int(debit * 1000):015}{int(credit * 1000):015}{'':75}2")
    return ("\r\n".join(rows) + "\r\n").encode("cp1252")


@pytest.mark.parametrize(("said", "reference"), [("101010806817183", "010806817183"), ("100RF18539007547034", "RF18539007547034")])
def test_structured_communications_are_references(said: str, reference: str) -> None:
    (statement,) = read(coda(movement("121.00", said=said, kind="1"), total="121.00"), "x")
    assert (statement.lines[0].references, statement.lines[0].text) == ((reference,), "")
    assert (statement.account, statement.currency) == ("BE68539007547034", "EUR")


def test_a_direct_debit_that_came_back_says_its_mandate_and_reason() -> None:
    said = f"127021126{'1'}{'1'}{'1'}{'BE69ZZZ0123456789':<35}{'MANDATE-7':<35}{'invoice 12':<62}2AM04"
    (statement,) = read(coda(movement("-50.00", said=said, kind="1", code="00505000"), total="-50.00"), "x")
    line = statement.lines[0]
    assert (line.mandate, line.reason, line.text, line.end_to_end) == ("MANDATE-7", "AM04", "invoice 12", "E2E-1")


def test_details_stand_for_their_total() -> None:
    main = movement("300.00", code="20150000")
    parts = [movement("100.00", detail=1, code="60150000", said="first"), movement("200.00", detail=2, code="60150000", said="second")]
    (statement,) = read(coda(main, *parts, total="300.00"), "x")
    assert [(line.amount, line.text) for line in statement.lines] == [(Decimal("100.00"), "first"), (Decimal("200.00"), "second")]
    assert len({line.key for line in statement.lines}) == 2


def test_a_total_without_details_is_one_line() -> None:
    (statement,) = read(coda(movement("300.00", code="20150000"), total="300.00"), "x")
    assert [line.many for line in statement.lines] == [2]


def test_details_that_do_not_make_their_total_are_refused() -> None:
    with pytest.raises(StatementRefused) as refused:
        read(coda(movement("300.00", code="20150000"), movement("100.00", detail=1, code="60150000"), total="300.00"), "x")
    assert (refused.value.field, refused.value.record) == ("amount", 3)


def test_version_1_has_belgian_accounts() -> None:
    zone = f"{'539007547034':<12} EUR0BE{'':18}"[:37]
    first, second, third = movement("121.00", said="betaling")
    third = f"{third[:10]}{'096123456769':<12}{'':25}{'J Jansen':<26}{'':52}0 0"
    (statement,) = read(coda([first, second, third], total="121.00", version="1", zone=f"{zone:<37}", structure="0"), "x")
    assert (statement.account, statement.currency) == ("539007547034", "EUR")
    assert (statement.lines[0].iban, statement.lines[0].payer, statement.lines[0].text) == ("096123456769", "J Jansen", "betaling")


def test_what_cancels_says_so() -> None:
    (statement,) = read(coda(movement("-121.00", code="00199000"), total="-121.00"), "x")
    assert statement.lines[0].reversal
