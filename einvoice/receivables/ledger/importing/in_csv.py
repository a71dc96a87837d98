"""Rows of CSV, one by one: delimiter and encoding found, every row of the header's length."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from einvoice.receivables.ledger.importing.faults import Faults, ImportFault
from einvoice.receivables.ledger.importing.texts import encoding_of, ends_with_newline

Row = tuple[int, list[str]]
_DELIMITERS = ",;\t|"


def rows(path: Path, faults: Faults, *, delimiter: str | None, encoding: str | None) -> Iterator[Row]:
    """The header and then every row that is as long, with the line on which it begins; what is wrong is noted."""
    with path.open(encoding=encoding or encoding_of(path), newline="") as file:
        length, line = 0, 1
        try:
            head = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter or max(_DELIMITERS, key=head.count), strict=True)
            for row in reader:
                if row and any(row):
                    length = length or len(row)
                    if len(row) == length:
                        yield line, row
                    else:
                        faults.add(_uneven(path, line, row, length))
                line = reader.line_num + 1
        except UnicodeDecodeError:
            faults.add(wrong_signs(path, line))
        except csv.Error as fault:
            text = f"this is not CSV ({fault})"
            faults.add(
                ImportFault("bad-csv", str(path), line, None, text, "close the quotation marks; half a file has to be fetched again")
            )


def _uneven(path: Path, line: int, row: list[str], length: int) -> ImportFault:
    if len(row) < length and not ends_with_newline(path) and _is_last(path, line):
        text = f"the file breaks off in this row: {len(row)} of {length} fields"
        return ImportFault("half-file", str(path), line, None, text, "fetch the whole file again")
    mend = (
        "quote values that hold the delimiter, such as a decimal comma"
        if len(row) > length
        else "give every row as many fields as the header"
    )
    return ImportFault("row-length", str(path), line, None, f"this row has {len(row)} fields, the header has {length}", mend)


def _is_last(path: Path, line: int) -> bool:
    """Whether nothing follows a line: only asked of files that break off."""
    with path.open("rb") as file:
        return sum(1 for _ in file) <= line


def wrong_signs(path: Path, line: int) -> ImportFault:
    """Bytes that are no text in the encoding of the file."""
    text, mend = "here are bytes that are no text in the file's encoding", "fetch the whole file again, or say its encoding (--encoding)"
    return ImportFault("bad-encoding", str(path), line, None, text, mend)
