"""MT940 customer statements (SWIFT, category 9), field by field; field 86 as Dutch, German and Belgian banks structure it.

The values of fields are taken apart by the library `mt-940`; where fields begin and end, what belongs together and whether all of it
is there is decided here, so that each fault names its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from mt940 import tags

from einvoice.receivables.matching.reading.details import details
from einvoice.receivables.matching.reading.ibans import iban_in
from einvoice.receivables.matching.reading.statement import AGAIN, CUT, BankLine, Statement, StatementRefused, meant

_FIELD = re.compile(r":(\d{2}[A-Z]?|NS):")
_START = re.compile(rb"(?:^|\n):20:")
_END = re.compile(r"-(\}.*)?")
_LINE, _OPENING, _CLOSING = tags.Statement(), tags.OpeningBalance(), tags.ClosingBalance()
_TOTAL = re.compile(r"(\d{1,5})([A-Z]{3})([\d,]{1,15})")


class Field(NamedTuple):
    """A field: its tag, its text with line breaks, the line on which it begins (from 1)."""

    tag: str
    text: str
    record: int


def is_one(data: bytes) -> bool:
    """Whether a field 20 begins a line near the start."""
    return bool(_START.search(data[:4096]))


def read(data: bytes) -> tuple[Statement, ...]:
    """The statements of a file, one for each field 20.

    Raises StatementRefused.
    """
    blocks = list(_blocks(_text(data)))
    return tuple(_statement(block) for block in blocks)


def _text(data: bytes) -> str:
    """The text: UTF-8, or else as Western banks encode (SWIFT's own characters are ASCII)."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _blocks(text: str) -> Iterator[list[Field]]:
    """The fields of each statement."""
    block: list[Field] = []
    for field in _fields(text):
        if field.tag == "20" and block:
            yield block
            block = []
        block.append(field)
    yield block


def _fields(text: str) -> Iterator[Field]:
    tag, lines, begun = "", [""], 0
    closed, ended = False, False
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        found = _FIELD.match(line)
        ended = bool(closed and _END.fullmatch(line.strip()))
        if (found and (found[1] == "20" or tag)) or ended:
            if tag:
                yield Field(tag, "\n".join(lines), begun)
            tag, lines, begun = (found[1], [line[found.end() :]], number) if found and not ended else ("", [""], number)
            closed = (closed or tag.startswith("62")) and tag != "20"
        elif tag:
            lines.append(line.rstrip())
    if tag:
        if not text.endswith("\n"):
            raise StatementRefused("the last line breaks off", CUT, record=begun, field=tag)
        yield Field(tag, "\n".join(lines), begun)


def _statement(block: list[Field]) -> Statement:
    account, opening, closing = _one(block, "25"), _one(block, "60F", "60M"), _one(block, "62F", "62M")
    first, last = _balance(opening, _OPENING), _balance(closing, _CLOSING)
    if first[1] != last[1]:
        raise StatementRefused(f"it opens in {first[1]} and closes in {last[1]}", AGAIN, record=closing.record, field=closing.tag)
    ours = _account(account.text)
    lines = tuple(_lines(block, ours, first[1]))
    _totals(block, lines)
    number = next((field.text.strip() for field in block if field.tag.startswith("28")), "")
    try:
        return Statement("mt940", ours, first[1], first[0], last[0], lines, number).checked()
    except StatementRefused as fault:
        raise StatementRefused(fault.text, fault.mend, record=closing.record, field=closing.tag) from None


def _one(block: list[Field], *names: str) -> Field:
    found = [field for field in block if field.tag in names]
    if len(found) != 1:
        text = f"field {names[0]} is missing" if not found else f"field {names[0]} stands {len(found)} times"
        raise StatementRefused(text, CUT, record=(found or block)[-1].record, field=names[0])
    return found[0]


def _parsed(field: Field, tag: tags.Tag) -> dict[str, str]:
    """The parts of a field's value, as the library has them.

    Raises StatementRefused.
    """
    found = tag.re.match(field.text.rstrip("\n "))
    if found is None:
        raise StatementRefused(f"{field.text[:60]!r} is not as the field is written", AGAIN, record=field.record, field=field.tag)
    return {name: value or "" for name, value in found.groupdict().items()}


def _balance(field: Field, tag: tags.Tag) -> tuple[Decimal, str]:
    parts = _parsed(field, tag)
    amount = _amount(parts["amount"], field)
    return (-amount if parts["status"].upper() == "D" else amount), parts["currency"].upper()


def _amount(text: str, field: Field) -> Decimal:
    if not re.fullmatch(r"\d+,?\d*", text):
        raise StatementRefused(f"{text!r} is no amount", AGAIN, record=field.record, field=field.tag)
    return Decimal(text.replace(",", ".").rstrip(".") or "0")


def _account(text: str) -> str:
    """Field 25: an IBAN, where a currency or a bank's code may stand beside it; else as it stands."""
    plain = text.strip().replace(" ", "")
    return iban_in(plain) or iban_in(plain[:-3]) or iban_in(plain.rpartition("/")[2]) or plain


def _lines(block: list[Field], account: str, currency: str) -> Iterator[BankLine]:
    for place, field in enumerate(block):
        if field.tag == "61":
            about = block[place + 1].text if place + 1 < len(block) and block[place + 1].tag == "86" else ""
            yield _line(field, about, account, currency)


def _line(field: Field, about: str, account: str, currency: str) -> BankLine:
    parts = _parsed(field, _LINE)
    if parts["funds_code"] and parts["funds_code"] != currency[2]:
        text = f"the line is in another currency than {currency} (funds code {parts['funds_code']})"
        raise StatementRefused(text, AGAIN, record=field.record, field=field.tag)
    amount = _amount(parts["amount"], field)
    status = parts["status"].upper()
    valued = _day(parts["year"], parts["month"], parts["day"], field)
    told = details(about)
    given = meant(parts["customer_reference"])
    return BankLine(
        "",
        account,
        _booked(parts, valued, field),
        valued,
        -amount if status in ("D", "RC") else amount,
        currency,
        told.name,
        told.iban or iban_in(parts["extra_details"].strip()),
        told.text,
        told.references,
        told.end_to_end or (given if given not in ("EREF", "MARF", "PREF", "KREF") else ""),
        told.mandate,
        "-".join(filter(None, (parts["id"], told.code))),
        told.reason,
        bank=meant(parts["bank_reference"]),
        ultimate=told.ultimate,
        reversal=status in ("RC", "RD"),
        record=field.record,
    )


def _booked(parts: dict[str, str], valued: date, field: Field) -> date:
    """The entry date, which has no year: that of the value date, or of the year beside it where that is nearer."""
    month, day = parts["entry_month"].strip(), parts["entry_day"].strip()
    if not (month and day):
        return valued
    year = valued.year + (1 if int(month) + 6 < valued.month else -1 if int(month) - 6 > valued.month else 0)
    return _day(str(year), month, day, field)


def _day(year: str, month: str, day: str, field: Field) -> date:
    try:
        return date(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day))
    except ValueError:
        raise StatementRefused(f"{year}{month}{day} is no date", AGAIN, record=field.record, field=field.tag) from None


def _totals(block: list[Field], lines: tuple[BankLine, ...]) -> None:
    """Compares fields 90, where there are any, with the lines."""
    for field in block:
        found = _TOTAL.match(field.text) if field.tag in ("90C", "90D") else None
        if found:
            ours = [abs(line.amount) for line in lines if (line.amount > 0) == (field.tag == "90C")]
            if (int(found[1]), _amount(found[3], field)) != (len(ours), sum(ours)):
                text = f"it says {found[1]} lines of {found[3]}, but {len(ours)} of {sum(ours)} are there"
                raise StatementRefused(text, CUT, record=field.record, field=field.tag)
