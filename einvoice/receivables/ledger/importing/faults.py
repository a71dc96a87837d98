"""What is wrong with a file that is handed in: every fault with its file, line, field and mend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from einvoice.errors import ReceivablesError

MOST = 10_000
"""Faults that are kept; those beyond are counted."""


class ImportFault(NamedTuple):
    """A fault: `code` for programs, where it stands (`line` from 1), what it is, and what mends it."""

    code: str
    file: str
    line: int | None
    field: str | None
    text: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.field + ': ' if self.field else ''}{self.text}; {self.mend}"


class ImportRefused(ReceivablesError):
    """Nothing was imported; `findings` are the faults, `count` how many there are (the first 10,000 are kept)."""

    def __init__(self, findings: Iterable[ImportFault], count: int) -> None:
        self.findings = tuple(findings)
        self.count = count
        first = "\n".join(str(fault) for fault in self.findings[:20])
        more = f"\nand {count - 20} more" if count > 20 else ""
        super().__init__(f"nothing was imported, because of {count} fault{'s' if count != 1 else ''}:\n{first}{more}")


class Faults:
    """Collects the faults of an import."""

    def __init__(self) -> None:
        self.found: list[ImportFault] = []
        self.count = 0

    def add(self, fault: ImportFault) -> None:
        """Notes a fault."""
        self.count += 1
        if len(self.found) < MOST:
            self.found.append(fault)

    def refused(self) -> ImportRefused:
        """The error that says them all, in the order of files as they came and of lines."""
        return ImportRefused(self.found, self.count)
