"""CAMT.053 (statement) and CAMT.054 (notification), versions 02 to 13: ISO 20022 camt.053.001.xx, camt.054.001.xx.

Namespaces are not looked at: what the versions tell apart (`Sts` and `Sts/Cd`, `Dbtr/Nm` and `Dbtr/Pty/Nm`, `AmtDtls/TxAmt/Amt` and
`Amt` of a transaction) is read both ways. Only what is booked (`BOOK`) is a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from lxml import etree

from einvoice.money import ZERO
from einvoice.receivables.matching.reading.statement import AGAIN, CUT, BankLine, Statement, StatementRefused, meant
from einvoice.receivables.matching.reading.xml import Flat, entries, flat, local

_MESSAGES = {"BkToCstmrStmt": "camt.053", "BkToCstmrDbtCdtNtfctn": "camt.054"}
_STATEMENTS = ("Stmt", "Ntfctn")
_AMOUNT = re.compile(r"\+?\d{1,15}(\.\d{1,5})?").fullmatch
_OPENING, _CLOSING, _BETWEEN = ("OPBD", "PRCD"), ("CLBD",), "ITBD"


def is_one(data: bytes) -> bool:
    """Whether bytes begin as XML does."""
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start[:1] == b"<" or data[:4] in (b"\xff\xfe<\0", b"\xfe\xff\0<")


def read(data: bytes) -> tuple[Statement, ...]:
    """The statements of a file.

    Raises StatementRefused.
    """
    statements: list[Statement] = []
    form, made = "", _Making()
    for begins, name, element in entries(data, ("Document",), (*_MESSAGES, *_STATEMENTS, "Ntry")):
        if begins and name in _MESSAGES:
            form = _MESSAGES[name]
        elif not form:
            raise StatementRefused("it is another message of ISO 20022", "choose CAMT.053 or CAMT.054", record=element.sourceline)
        elif begins and name in _STATEMENTS:
            made = _Making()
        elif not begins and name == "Ntry":
            made.add(element)
        elif not begins and name in _STATEMENTS:
            statements.append(made.finished(form, element))
    if not form:
        raise StatementRefused("it is another message of ISO 20022", "choose CAMT.053 or CAMT.054")
    return tuple(statements)


class _Entry(NamedTuple):
    """What the entries of a statement add up to."""

    amount: Decimal
    booked: bool


class _Making:
    """A statement that is being read: its account stands before the entries, its sums may stand before or after."""

    def __init__(self) -> None:
        self.lines: list[BankLine] = []
        self.entries: list[_Entry] = []

    def add(self, element: etree._Element) -> None:
        """Takes an entry in."""
        entry, details = flat(element, "TxDtls")
        record = element.sourceline or 0
        amount = signed(entry, record)
        booked = (entry.get("Sts/Cd") or entry.get("Sts") or ["BOOK"])[0] == "BOOK"
        self.entries.append(_Entry(amount, booked))
        if booked:
            self.lines += _lines(entry, [flat(each)[0] for each in details], amount, record)

    def finished(self, form: str, element: etree._Element) -> Statement:
        """The statement, its counts and balances checked."""
        head, _ = flat(element, "Ntry")
        account = _first(head, "Acct/Id/IBAN", "Acct/Id/Othr/Id").replace(" ", "")
        if not account:
            raise StatementRefused("the account is missing", CUT, record=element.sourceline, field="Acct/Id")
        balances = [_Balance.of(each) for each in element if local(each.tag) == "Bal"]
        currency = _first(head, "Acct/Ccy") or next((one.currency for one in balances), "") or self._currency()
        self._counted(head)
        opening, closing = _balances(balances, currency, form)
        if wrong := next((line for line in self.lines if line.currency != currency), None):
            text = f"a line is in {wrong.currency}, but the account {account} is in {currency}"
            raise StatementRefused(text, AGAIN, record=wrong.record, field="Amt/@Ccy")
        lines = tuple(line._replace(account=account) for line in self.lines)
        number = _first(head, "ElctrncSeqNb", "LglSeqNb", "Id")
        total = sum((one.amount for one in self.entries if one.booked), ZERO)
        return Statement(form, account, currency, opening, closing, lines, number).checked(total)

    def _currency(self) -> str:
        return self.lines[0].currency if self.lines else "EUR"

    def _counted(self, head: Flat) -> None:
        """Compares the summary with what is there: of what is booked, or of all."""
        for name, side in (("TtlNtries", 0), ("TtlCdtNtries", 1), ("TtlDbtNtries", -1)):
            found = [one for one in self.entries if side * one.amount >= 0 and (side == 0 or one.amount)]
            booked = [one for one in found if one.booked]
            for field, what in (("NbOfNtries", _count), ("Sum", _sum)):
                said = _first(head, f"TxsSummry/{name}/{field}")
                if said and (not _AMOUNT(said) or Decimal(said) not in (what(found), what(booked))):
                    text = f"the summary says {said}, but the entries make {what(booked)}"
                    raise StatementRefused(text, CUT, field=f"TxsSummry/{name}/{field}")


def _count(entries: list[_Entry]) -> Decimal:
    return Decimal(len(entries))


def _sum(entries: list[_Entry]) -> Decimal:
    return sum((abs(one.amount) for one in entries), ZERO)


class _Balance(NamedTuple):
    code: str
    amount: Decimal
    currency: str

    @classmethod
    def of(cls, element: etree._Element) -> _Balance:
        found, _ = flat(element)
        code = _first(found, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry")
        return cls(code, signed(found, element.sourceline or 0), _first(found, "Amt@Ccy"))


def _balances(balances: list[_Balance], currency: str, form: str) -> tuple[Decimal | None, Decimal | None]:
    """The opening and the closing balance: of pages in between, the first and the last intermediate one.

    Raises StatementRefused where a statement lacks one.
    """
    ours = [one for one in balances if one.currency == currency]
    between = [one.amount for one in ours if one.code == _BETWEEN]
    opening = [one.amount for code in _OPENING for one in ours if one.code == code] or between[:1]
    closing = [one.amount for one in ours if one.code in _CLOSING] or between[-1:]
    if form == "camt.053" and not (opening and closing):
        raise StatementRefused(f"no {'closing' if opening else 'opening'} balance in {currency} is there", CUT, field="Bal")
    return (opening[0], closing[-1]) if opening and closing else (None, None)


def signed(found: Flat, record: int) -> Decimal:
    """The amount of an entry or balance, negative where it is a debit.

    Raises StatementRefused.
    """
    text, side = _first(found, "Amt"), _first(found, "CdtDbtInd")
    if not _AMOUNT(text):
        raise StatementRefused(f"{text!r} is no amount", AGAIN, record=record, field="Amt")
    if side not in ("CRDT", "DBIT"):
        raise StatementRefused(f"{side!r} is neither CRDT nor DBIT", AGAIN, record=record, field="CdtDbtInd")
    return -Decimal(text) if side == "DBIT" else Decimal(text)


def _lines(entry: Flat, details: list[Flat], amount: Decimal, record: int) -> Iterator[BankLine]:
    """The lines of an entry: one for each of its transactions, or one for all where it does not tell them apart."""
    told = _first(entry, "NtryDtls/Btch/NbOfTxs")
    count = int(told) if told.isdecimal() else len(details) or 1
    if len(details) > 1 and told and count != len(details):
        text = f"the batch says {count} transactions, but {len(details)} are there"
        raise StatementRefused(text, CUT, record=record, field="Btch/NbOfTxs")
    if len(details) < 2:
        yield _line(entry, details[0] if details else {}, amount, max(count, 1), record)
        return
    amounts = [_amount_of(each, amount) for each in details]
    known = [each for each in amounts if each is not None]
    if len(known) == len(amounts) and sum(known, ZERO) == amount:
        for each, part in zip(details, known, strict=True):
            yield _line(entry, each, part, 1, record)
    elif len(known) < len(amounts) or any("Chrgs" in path or "CcyXchg" in path for each in details for path in each):
        yield _line(entry, {}, amount, len(details), record)
    else:
        text = f"its {len(details)} transactions make {sum(known, ZERO)}, but the entry is {amount}"
        raise StatementRefused(text, AGAIN, record=record, field="TxDtls/Amt")


def _amount_of(details: Flat, entry: Decimal) -> Decimal | None:
    """What a transaction of an entry moves; None where it does not say so."""
    text = _first(details, "Amt", "AmtDtls/TxAmt/Amt")
    if not _AMOUNT(text):
        return None
    side = _first(details, "CdtDbtInd") or ("DBIT" if entry < 0 else "CRDT")
    return -Decimal(text) if side == "DBIT" else Decimal(text)


def _line(entry: Flat, details: Flat, amount: Decimal, count: int, record: int) -> BankLine:
    booked, valued = _day(entry, "BookgDt", record), _day(entry, "ValDt", record)
    if booked is None and valued is None:
        raise StatementRefused("no booking date is there", AGAIN, record=record, field="BookgDt")
    reason = _first(details, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry")
    them = "Cdtr" if (amount < 0) != bool(reason) else "Dbtr"
    return BankLine(
        "",
        "",
        booked or valued or date.min,
        valued,
        amount,
        _first(entry, "Amt@Ccy"),
        _first(details, f"RltdPties/{them}/Nm", f"RltdPties/{them}/Pty/Nm", f"RltdPties/Ultmt{them}/Nm", f"RltdPties/Ultmt{them}/Pty/Nm"),
        _first(details, f"RltdPties/{them}Acct/Id/IBAN", f"RltdPties/{them}Acct/Id/Othr/Id").replace(" ", ""),
        _text(entry, details),
        _references(details),
        meant(_first(details, "Refs/EndToEndId")),
        meant(_first(details, "Refs/MndtId")),
        _code(details) or _code(entry),
        reason,
        _first(details, "Refs/PmtInfId") or _first(entry, "NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId"),
        meant(_first(details, "Refs/AcctSvcrRef", "Refs/TxId") or (_first(entry, "AcctSvcrRef") if count == 1 else "")),
        _first(details, f"RltdPties/Ultmt{them}/Nm", f"RltdPties/Ultmt{them}/Pty/Nm"),
        count,
        _first(entry, "RvslInd") in ("true", "1"),
        record,
    )


def _text(entry: Flat, details: Flat) -> str:
    """Unstructured remittance information; banks cut it every 140 characters, within words too."""
    parts = details.get("RmtInf/Ustrd", []) + details.get("RmtInf/Strd/AddtlRmtInf", [])
    return " ".join(
        parts or ([] if details.get("RmtInf/Strd/CdtrRefInf/Ref") else details.get("AddtlTxInf", entry.get("AddtlNtryInf", [])))
    )


def _references(details: Flat) -> tuple[str, ...]:
    found = details.get("RmtInf/Strd/CdtrRefInf/Ref", []) + details.get("RmtInf/Strd/RfrdDocInf/Nb", [])
    return tuple(dict.fromkeys(found))


def _code(found: Flat) -> str:
    parts = [_first(found, f"BkTxCd/Domn/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return "-".join(parts) if any(parts) else _first(found, "BkTxCd/Prtry/Cd")


def _day(entry: Flat, name: str, record: int) -> date | None:
    text = _first(entry, f"{name}/Dt", f"{name}/DtTm")
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise StatementRefused(f"{text!r} is no date", AGAIN, record=record, field=name) from None


def _first(found: Flat, *paths: str) -> str:
    for path in paths:
        if path in found:
            return found[path][0]
    return ""
