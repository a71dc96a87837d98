"""CODA, the Belgian coded statement of account, versions 1 and 2: records of 128 characters (Febelfin, "Standard CODA 2.6").

A movement is record 21 with 22 and 23 behind it, information about it is 31 to 33. Under a total (detail number 0000) its details
follow, with the same sequence number. Record 9 says how many records there are and what was moved; both are held against what is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import ZERO
from einvoice.receivables.matching.reading.coda_line import Movement, lines_of
from einvoice.receivables.matching.reading.statement import AGAIN, CUT, BankLine, Statement, StatementRefused

_COUNTED = frozenset({"1", "8", "21", "22", "23", "31", "32", "33"})
_WIDE = 128


class Record(NamedTuple):
    """A record: which kind, its 128 characters, its number in the file (from 1)."""

    kind: str
    text: str
    number: int

    def at(self, first: int, last: int) -> str:
        """The characters at positions as the standard numbers them, from 1, both included."""
        return self.text[first - 1 : last]


def is_one(data: bytes) -> bool:
    """Whether the first record is a header: zeros, a date, the application code 05."""
    line = data.split(b"\n", 1)[0].rstrip(b"\r")
    return line[:5] == b"00000" and line[14:16] == b"05" and 120 <= len(line) <= _WIDE


def read(data: bytes) -> tuple[Statement, ...]:
    """The statements of a file, one for each header.

    Raises StatementRefused.
    """
    statements: list[Statement] = []
    follows = True
    for file in _files(data):
        if not follows:
            raise StatementRefused("a header follows the last file (record 9)", AGAIN, record=file[0].number, field="multiple file code")
        statements.append(_statement(file))
        follows = file[-1].at(128, 128) == "1"
    if follows:
        raise StatementRefused("record 9 says that another file follows, but none does", CUT, field="multiple file code")
    return tuple(statements)


def _files(data: bytes) -> Iterator[list[Record]]:
    file: list[Record] = []
    for record in _records(data):
        if record.kind == "0" and file:
            raise StatementRefused("the next header comes before record 9", CUT, record=record.number)
        if record.kind != "0" and not file:
            raise StatementRefused("it does not begin with a header (record 0)", AGAIN, record=record.number)
        file.append(record)
        if record.kind == "9":
            yield file
            file = []
    if file:
        raise StatementRefused("record 9 is missing", CUT, record=file[-1].number)


def _records(data: bytes) -> Iterator[Record]:
    text = data.decode("utf-8") if _is_utf8(data) else data.decode("cp1252", "replace")
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not line.strip("\x1a \t"):
            continue
        if len(line) != _WIDE:
            raise StatementRefused(f"it has {len(line)} characters, not {_WIDE}", CUT, record=number)
        kind = line[:2] if line[0] in "23" else line[0]
        if kind not in _COUNTED | {"0", "4", "9"}:
            raise StatementRefused(f"there is no record {kind!r}", AGAIN, record=number)
        yield Record(kind, line, number)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _statement(file: list[Record]) -> Statement:
    version = file[0].at(128, 128)
    if version not in "12":
        raise StatementRefused(
            f"version {version!r} is not known", "ask the bank for version 2", record=file[0].number, field="version code"
        )
    old, new = _one(file, "1", "old balance"), _one(file, "8", "new balance")
    _trailer(file)
    account, currency = account_of(old.at(2, 2) if version == "2" else "0", old.at(6, 42))
    if account_of(old.at(2, 2) if version == "2" else "0", new.at(5, 41)) != (account, currency):
        raise StatementRefused("the new balance is of another account or currency", AGAIN, record=new.number, field="account")
    opening, closing = amount(old, 43, 44), amount(new, 42, 43)
    movements = list(_movements(file, version))
    _turnover(file[-1], movements)
    lines = tuple(_own(line, account, currency) for line in lines_of(movements))
    number = f"{_date(file[0], 6).year}-{old.at(3, 5)}"
    try:
        return Statement("coda", account, currency, opening, closing, lines, number).checked()
    except StatementRefused as fault:
        raise StatementRefused(fault.text, fault.mend, record=new.number, field="new balance") from None


def _own(line: BankLine, account: str, currency: str) -> BankLine:
    return line._replace(account=account, currency=currency)


def _one(file: list[Record], kind: str, name: str) -> Record:
    found = [record for record in file if record.kind == kind]
    if len(found) != 1:
        raise StatementRefused(f"the {name} (record {kind}) stands {len(found)} times", CUT, record=file[-1].number, field=name)
    return found[0]


def account_of(structure: str, zone: str) -> tuple[str, str]:
    """Account and currency in a zone of 37 characters, by its structure: 0 Belgian, 1 foreign, 2 Belgian IBAN, 3 foreign IBAN."""
    if structure == "0":
        return zone[:12].strip(), zone[13:16]
    return (zone[:31] if structure == "2" else zone[:34]).strip(), zone[34:37]


def amount(record: Record, sign: int, first: int) -> Decimal:
    """An amount of 12 digits and 3 decimals, negative where its sign is 1 (debit).

    Raises StatementRefused.
    """
    mark, digits = record.at(sign, sign), record.at(first, first + 14)
    if mark not in "01" or not digits.isdecimal():
        raise StatementRefused(f"{mark + digits!r} is no sign and amount", AGAIN, record=record.number, field="amount")
    whole = Decimal(int(digits)).scaleb(-3)
    cents = whole.quantize(Decimal("0.01"))
    value = cents if cents == whole else whole
    return -value if mark == "1" else value


def _date(record: Record, first: int) -> date:
    text = record.at(first, first + 5)
    try:
        return date(2000 + int(text[4:6]), int(text[2:4]), int(text[:2]))
    except ValueError:
        raise StatementRefused(f"{text!r} is no date as DDMMYY", AGAIN, record=record.number, field="date") from None


def _trailer(file: list[Record]) -> None:
    """Record 9 counts the records of balances, movements and information."""
    said, found = file[-1].at(17, 22), sum(record.kind in _COUNTED for record in file)
    if not said.isdecimal() or int(said) != found:
        raise StatementRefused(
            f"record 9 counts {said} records, but {found} are there", CUT, record=file[-1].number, field="number of records"
        )


def _turnover(last: Record, movements: list[Movement]) -> None:
    """Record 9 sums up what was debited and credited, of movements with the detail number 0000."""
    totals = [one.amount for one in movements if not one.detail]
    for name, first, found in (
        ("debit turnover", 23, -sum((one for one in totals if one < 0), ZERO)),
        ("credit turnover", 38, sum((one for one in totals if one > 0), ZERO)),
    ):
        digits = last.at(first, first + 14)
        if not digits.isdecimal() or Decimal(int(digits)).scaleb(-3) != found:
            raise StatementRefused(f"record 9 says {digits}, but the movements make {found}", CUT, record=last.number, field=name)


def _movements(file: list[Record], version: str) -> Iterator[Movement]:
    """Each record 21 with what belongs to it."""
    parts: list[Record] = []
    for record in file:
        if record.kind == "21":
            if parts:
                yield _movement(parts, version)
            parts = [record]
        elif record.kind[0] in "23" and len(record.kind) == 2:
            if not parts or (record.kind[0] == "2" and record.at(3, 10) != parts[0].at(3, 10)):
                raise StatementRefused("it belongs to no movement (record 21)", AGAIN, record=record.number, field="sequence number")
            parts.append(record)
    if parts:
        yield _movement(parts, version)


def _movement(parts: list[Record], version: str) -> Movement:
    first = parts[0]
    by = {record.kind: record for record in parts}
    second, third = by.get("22"), by.get("23")
    wants = first.at(126, 126) == "1"
    if wants and not (second or third):
        raise StatementRefused("it says that a record 22 or 23 follows, but none does", CUT, record=first.number, field="next code")
    informed = "".join(
        record.at(41, 113) if record.kind == "31" else record.at(11, 115) if record.kind == "32" else record.at(11, 100)
        for record in parts
        if record.kind[0] == "3"
    )
    said = first.at(63, 115) + (second.at(11, 63) if second else "") + (third.at(83, 125) if third and version == "2" else "")
    structured = first.at(62, 62) == "1"
    return Movement(
        first.at(3, 6),
        int(first.at(7, 10)) if first.at(7, 10).isdecimal() else 0,
        first.at(11, 31).strip(),
        amount(first, 32, 33),
        None if first.at(48, 53).strip("0 ") == "" else _date(first, 48),
        first.at(54, 61),
        said[:3] if structured else "",
        said[3:] if structured else said,
        _date(first, 116),
        second.at(64, 98 if version == "2" else 89).strip() if second else "",
        second.at(114, 117).strip() if second and version == "2" else "",
        _counterparty(third, version),
        (third.at(48, 82) if version == "2" else third.at(48, 73)).strip() if third else "",
        informed.rstrip(),
        first.number,
    )


def _counterparty(record: Record | None, version: str) -> str:
    """The account of the other side: an IBAN, or a Belgian number of 12 digits."""
    if record is None:
        return ""
    zone = record.at(11, 47) if version == "2" else record.at(11, 22)
    return (zone[:12] if zone[:12].isdecimal() and not zone[12:13].strip() else zone[:34]).strip()
