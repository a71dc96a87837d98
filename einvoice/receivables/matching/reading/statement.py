"""What a statement of a bank says, whatever its format: accounts, balances, lines; and how it is refused."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO


class StatementRefused(ReceivablesError):
    """A file of a bank of which nothing is taken: `file`, `record` (line or record from 1), `field`, and the mend in the sentence."""

    def __init__(self, text: str, mend: str, *, file: str = "", record: int | None = None, field: str | None = None) -> None:
        self.text, self.mend, self.file, self.record, self.field = text, mend, file, record, field
        where = f"{file or 'the file'}{f', record {record}' if record else ''}{f', {field}' if field else ''}"
        super().__init__(f"{where}: {text}; {mend}. Nothing was imported")

    def within(self, file: str) -> StatementRefused:
        """The same of a named file."""
        return StatementRefused(self.text, self.mend, file=file, record=self.record, field=self.field)


CUT = "get the file from the bank again: it is not whole"
AGAIN = "get the file from the bank again, or ask the bank"


class BankLine(NamedTuple):
    """A line of a statement, as the bank says it.

    `amount` is negative where money left the account. `text` is the unstructured remittance information, its cut parts joined by a
    space; `references` the structured one. `code` is the bank's code of the transaction, `reason` the code of why it came back, `batch`
    the id of the batch that it is a part of. `many` above 1 says that the line is a total of so many, which the file does not tell
    apart. `reversal` says that the bank cancels an earlier line. `record` is its line in the file.
    """

    key: str
    account: str
    booked: date
    valued: date | None
    amount: Decimal
    currency: str
    payer: str = ""
    iban: str = ""
    text: str = ""
    references: tuple[str, ...] = ()
    end_to_end: str = ""
    mandate: str = ""
    code: str = ""
    reason: str = ""
    batch: str = ""
    bank: str = ""
    ultimate: str = ""
    many: int = 1
    reversal: bool = False
    record: int = 0


class Statement(NamedTuple):
    """A statement of an account: balances where its format has them, and its lines in the bank's order."""

    format: str
    account: str
    currency: str
    opening: Decimal | None
    closing: Decimal | None
    lines: tuple[BankLine, ...]
    number: str = ""

    def checked(self, total: Decimal | None = None) -> Statement:
        """The same, where its balances hold: opening and what was booked (`total`, the lines' sum unless told) make the closing one.

        Raises StatementRefused.
        """
        if self.opening is None or self.closing is None:
            return self
        moved = sum((line.amount for line in self.lines), ZERO) if total is None else total
        if self.opening + moved != self.closing:
            text = f"{self.opening} and lines of {moved} make {self.opening + moved}, but the closing balance is {self.closing}"
            raise StatementRefused(f"the balances of {self.account} do not hold: {text}", CUT, field="closing balance")
        return self


_MEANINGLESS = frozenset({"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE", "NOREF", "NONE", "0"})


def meant(reference: str) -> str:
    """A reference, "" where it only says that there is none (ISO 20022 usage: NOTPROVIDED; SWIFT: NONREF)."""
    plain = reference.strip()
    return "" if plain.upper().replace(" ", "") in _MEANINGLESS else plain


def keyed(lines: Iterable[BankLine]) -> Iterator[BankLine]:
    """Lines with their keys: the same line has the same key in whatever file it comes.

    A key is a hash of account, day, amount and the bank's own reference, or else of all that the line says, and the ordinal within the
    day among lines that are truly identical.
    """
    seen: Counter[str] = Counter()
    for line in lines:
        known = (line.account, str(line.booked), f"{line.amount:.3f}", line.currency, line.end_to_end)
        said = (line.bank,) if line.bank else (line.payer, line.iban, line.text, line.references, line.mandate, line.code)
        content = hashlib.sha256(repr(known + said).encode()).hexdigest()[:40]
        seen[content] += 1
        yield line._replace(key=f"{content}:{seen[content]}")
