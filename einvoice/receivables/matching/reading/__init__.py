"""Reads files of banks: CAMT.053 and .054, MT940 and CODA, told by their content."""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.receivables.matching.reading import camt, coda, mt940
from einvoice.receivables.matching.reading.statement import BankLine, Statement, StatementRefused, keyed

__all__ = ["MOST", "BankLine", "Statement", "StatementRefused", "read"]

MOST = 1 << 29
"""Bytes of the largest file that is read."""
_READERS = (camt, coda, mt940)


def read(data: bytes, name: str = "") -> tuple[Statement, ...]:
    """The statements in a file, each checked: balances, counts, currencies; the lines with their keys.

    Raises StatementRefused, with the file's name, the record, the field and the mend, for anything that is not whole or no such file.
    """
    try:
        if len(data) > MOST:
            raise StatementRefused(f"it has more than {MOST:,} bytes", "ask the bank for shorter periods")
        for reader in _READERS:
            if reader.is_one(data):
                return _keyed(reader.read(data))
        raise StatementRefused("it is no CAMT.053, CAMT.054, MT940 or CODA", "choose one of these formats where the bank offers files")
    except StatementRefused as fault:
        raise fault.within(name) from None


def _keyed(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    lines: Iterator[BankLine] = keyed(line for one in statements for line in one.lines)
    return tuple(one._replace(lines=tuple(next(lines) for _ in one.lines)) for one in statements)
