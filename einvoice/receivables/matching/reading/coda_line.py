"""Movements of CODA as lines: structured communications, direct debits, details under a total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from einvoice.money import ZERO
from einvoice.receivables.matching.reading.statement import AGAIN, BankLine, StatementRefused, meant


class Movement(NamedTuple):
    """Record 21 with what belongs to it; `detail` 0 is the movement itself, `kind` the type of its structured communication."""

    sequence: str
    detail: int
    bank: str
    amount: Decimal
    valued: date | None
    code: str
    kind: str
    said: str
    booked: date
    customer: str
    reason: str
    iban: str
    name: str
    informed: str
    record: int


_REFERENCES = {"100": 25, "101": 12, "102": 12}
"""References of ISO 11649 (100) and OGM (101, 102), and their length."""
_DEBIT = "127"
_TOTALS, _PARTS, _DEEPER = "12", "567", "9"
"""The first digit of a transaction code: totals by customer (1) and bank (2); details of them (5, 6, 7) and of details (9)."""
_PAID = {"0", " ", ""}
_CANCELS = ("49", "99")
"""Operations that cancel or correct, in every family of transactions."""


def lines_of(movements: Iterable[Movement]) -> Iterator[BankLine]:
    """The lines: a movement each, or the details of a total where they are told, the innermost.

    Raises StatementRefused where details do not make their total.
    """
    for _, group in groupby(movements, key=lambda one: one.sequence):
        first, *rest = group
        if first.detail:
            raise StatementRefused("a detail stands without its movement", AGAIN, record=first.record, field="detail number")
        details = _innermost([one for one in rest if one.code[:1] in _PARTS + _DEEPER])
        if not details:
            yield line_of(first, first.code[:1] in _TOTALS)
            continue
        total = sum((one.amount for one in details), ZERO)
        if total != first.amount:
            text = f"the details make {total}, but the movement is {first.amount}"
            raise StatementRefused(text, AGAIN, record=first.record, field="amount")
        for detail in details:
            line = line_of(detail, False)
            yield line._replace(batch=first.bank, bank=f"{detail.bank or first.bank}/{detail.detail}", booked=first.booked)


def _innermost(details: list[Movement]) -> list[Movement]:
    """Details without those (7) that have details (9) of their own behind them."""
    kept = []
    for place, one in enumerate(details):
        after = details[place + 1].code[:1] if place + 1 < len(details) else ""
        if not (one.code[:1] == "7" and after == _DEEPER):
            kept.append(one)
    return kept


def line_of(one: Movement, total: bool) -> BankLine:
    """A movement as a line."""
    references, text, end_to_end, mandate, reason = _communication(one)
    return BankLine(
        "",
        "",
        one.booked,
        one.valued,
        one.amount,
        "",
        one.name or _informed_name(one),
        one.iban,
        text,
        references,
        end_to_end,
        mandate,
        one.code,
        reason,
        bank=one.bank,
        many=2 if total else 1,
        reversal=one.code[3:5] in _CANCELS,
        record=one.record,
    )


def _informed_name(one: Movement) -> str:
    """The other side's name, as information of the structured type 001 says it: 70 characters."""
    return one.informed[3:73].strip() if one.informed.startswith("001") else ""


def _communication(one: Movement) -> tuple[tuple[str, ...], str, str, str, str]:
    """References, text, end-to-end id, mandate and reason of return."""
    if one.kind in _REFERENCES:
        return (one.said[: _REFERENCES[one.kind]].strip(),), "", meant(one.customer), "", one.reason
    if one.kind == _DEBIT:
        return _debit(one)
    informed = "" if one.informed.startswith(("001", "107", "113", "114")) else one.informed
    text = one.said if one.kind == "" else ""
    return (), _joined(text, informed), meant(one.customer), "", one.reason


def _joined(text: str, informed: str) -> str:
    """The communication in its zones of 53, 53 and 43 characters: cut within words, so that a space marks each cut."""
    parts = [text[:53], text[53:106], text[106:], informed]
    return " ".join(part.strip() for part in parts if part.strip())


def _debit(one: Movement) -> tuple[tuple[str, ...], str, str, str, str]:
    """Type 127: date 6, kind 1, scheme 1, paid 1, creditor 35, mandate 35, communication 62, type of R-transaction 1, reason 4."""
    said = one.said.ljust(146)
    mandate, text, kind, reason = said[44:79].strip(), said[79:141].strip(), said[141:142], said[142:146].strip()
    came_back = one.reason or reason or ("MS03" if kind not in _PAID or said[8:9] not in _PAID else "")
    return (), text, meant(one.customer), mandate, came_back
