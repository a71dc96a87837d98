"""A file as records of one kind: names understood, values read, every fault noted with its line and field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.receivables.ledger import values
from einvoice.receivables.ledger.importing import in_csv, in_json
from einvoice.receivables.ledger.importing.columns import KINDS, Column, Unknown, columns, kind_of, known, plain, reader
from einvoice.receivables.ledger.importing.faults import Faults, ImportFault

JSON = (".json", ".jsonl", ".ndjson")
_CODES = {"date": "bad-date", "amount": "bad-amount", "currency": "unknown-currency"}


class Reading(NamedTuple):
    """How files are read; what is None is found out.

    `kind` is debtors, contacts, invoices or payments; `decimal` the sign before decimals; `dates` a pattern such as DD-MM-YYYY (ISO
    unless told); `columns` maps names of yours to ours; `ignore` are names of columns to leave out, "*" all that are not known.
    """

    kind: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    dates: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] = {}
    ignore: frozenset[str] = frozenset()
    oldest: bool = False
    add_debtors: bool = False


class Record(NamedTuple):
    """A row: the line on which it begins, and its values by column; what is empty is not among them."""

    line: int
    values: dict[str, Any]


class Sheet(NamedTuple):
    """A file, or the array of a file, of one kind."""

    path: Path
    kind: str
    records: Callable[[Faults], Iterator[Record]]


def sheets(path: Path, reading: Reading, faults: Faults) -> list[Sheet]:
    """What a file holds; faults of its header are noted, and it then holds nothing."""
    if path.suffix.lower() in JSON:
        return _of_json(path, reading, faults)
    before = faults.count
    names = next(in_csv.rows(path, faults, delimiter=reading.delimiter, encoding=reading.encoding), None)
    kind = reading.kind or (kind_of(path.stem, names[1], reading.columns) if names else None)
    if names is None and faults.count == before:
        faults.add(ImportFault("empty", str(path), None, None, "there is no row in it", "give it a header and rows"))
    elif names is not None and kind is None:
        faults.add(_no_kind(path))
    elif names is not None and kind is not None and (found := _header(path, names[0], kind, names[1], reading, faults)):
        return [Sheet(path, kind, lambda noted: _of_rows(path, kind, found, reading, noted))]
    return []


def _no_kind(path: Path) -> ImportFault:
    text, mend = "neither its name nor its columns tell what is in it", f"say so: --kind {', '.join(KINDS)}"
    return ImportFault("unknown-kind", str(path), 1, None, text, mend)


def _header(path: Path, line: int, kind: str, names: list[str], reading: Reading, faults: Faults) -> list[Column | None] | None:
    """The column of each field, None for those left out; None where the header cannot be used."""
    before = faults.count
    left_out = {plain(name) for name in reading.ignore}
    found: list[Column | None] = []
    for name, column in zip(names, known(kind, names, reading.columns), strict=True):
        skipped = plain(name) in left_out or ("*" in reading.ignore and isinstance(column, Unknown))
        if isinstance(column, Unknown):
            found.append(None)
            if not skipped:
                faults.add(_unknown(path, line, kind, column))
        elif skipped or column not in found:
            found.append(None if skipped else column)
        else:
            faults.add(
                ImportFault(
                    "double-column", str(path), line, name, f"another column is the {column.name} already", "keep one, --ignore the other"
                )
            )
    for column in columns(kind):
        if column.required and column not in found:
            mend = f'add it, or say which column it is: --column "YOUR NAME={column.name}"'
            faults.add(ImportFault("missing-column", str(path), line, column.name, f"{kind} need this column", mend))
    return found if faults.count == before else None


def _unknown(path: Path, line: int | None, kind: str, name: Unknown) -> ImportFault:
    near = f"did you mean {name.near}? " if name.near else ""
    mend = f'{near}say what it is (--column "{name.name}=…") or leave it out (--ignore "{name.name}")'
    return ImportFault("unknown-column", str(path), line, name.name, f"{kind} have no such column", mend)


def _of_rows(path: Path, kind: str, header: list[Column | None], reading: Reading, faults: Faults) -> Iterator[Record]:
    rows = in_csv.rows(path, faults, delimiter=reading.delimiter, encoding=reading.encoding)
    next(rows)
    numbers, dates = values.Numbers(reading.decimal), values.dates(reading.dates)
    readers = [(index, column, reader(column, numbers, dates)) for index, column in enumerate(header) if column]
    required = _required(kind)
    for line, row in rows:
        given = [(column, read, text) for index, column, read in readers if (text := row[index].strip())]
        if record := _record(path, required, line, given, faults):
            yield record


def _required(kind: str) -> tuple[str, ...]:
    return tuple(column.name for column in columns(kind) if column.required)


def _record(
    path: Path, required: tuple[str, ...], line: int, given: list[tuple[Column, values.Reader, str]], faults: Faults
) -> Record | None:
    """A row whose values could all be read; what could not is noted."""
    made: dict[str, Any] = {}
    wrong: set[str] = set()
    for column, read, text in given:
        try:
            value = read(text)
        except ValueError as fault:
            what, _, mend = str(fault).partition("; ")
            faults.add(ImportFault(_CODES.get(column.read, "bad-value"), str(path), line, column.name, what, mend or "correct it"))
            wrong.add(column.name)
            continue
        if column.contract:
            made.setdefault("contract", {})[column.name] = str(value) if isinstance(value, Decimal) else value
        else:
            made[column.name] = value
    for name in required:
        if name not in made and name not in wrong:
            faults.add(ImportFault("missing", str(path), line, name, "it is empty", "fill it in"))
            wrong.add(name)
    return None if wrong else Record(line, made)


def _of_json(path: Path, reading: Reading, faults: Faults) -> list[Sheet]:
    kinds: dict[str | None, str | None] = {}
    for _, name, value in in_json.items(path, Faults(), encoding=reading.encoding):
        if name not in kinds:
            kinds[name] = reading.kind or _kind_of_item(path, name, value, reading)
        if name is None:
            break  # an array has one kind, an object may have more
    if not kinds:
        first = Faults()
        list(in_json.items(path, first, encoding=reading.encoding))
        for fault in first.found or [
            ImportFault("empty", str(path), None, None, "there is no record in it", "give it an array of objects")
        ]:
            faults.add(fault)
    if None in kinds.values():
        faults.add(_no_kind(path))
        return []
    return [_json_sheet(path, name, kind, reading, index == 0) for index, (name, kind) in enumerate(kinds.items()) if kind]


def _kind_of_item(path: Path, name: str | None, value: Any, reading: Reading) -> str | None:
    if name in KINDS:
        return name
    return kind_of(name or path.stem, list(_flat(value)) if isinstance(value, dict) else [], reading.columns)


def _json_sheet(path: Path, name: str | None, kind: str, reading: Reading, first: bool) -> Sheet:
    """The array of that name; faults of the file itself are noted by the first of them alone."""
    return Sheet(path, kind, lambda noted: _of_items(path, name, kind, reading, noted, noted if first else Faults()))


def _of_items(path: Path, name: str | None, kind: str, reading: Reading, faults: Faults, of_file: Faults) -> Iterator[Record]:
    numbers, dates = values.Numbers(reading.decimal or "."), values.dates(reading.dates)
    header: dict[str, tuple[Column, values.Reader] | None] = {}
    required = _required(kind)
    for line, array, value in in_json.items(path, of_file, encoding=reading.encoding):
        if array != name:
            continue
        if not isinstance(value, dict):
            faults.add(ImportFault("bad-json", str(path), line, None, "this is no object", "write every record as an object"))
            continue
        flat = _flat(value)
        for new in flat.keys() - header.keys():
            header[new] = _named(path, line, kind, new, reading, faults, numbers, dates)
        given = [(*found, text) for key, text in flat.items() if text and (found := header[key])]
        if record := _record(path, required, line, given, faults):
            yield record


def _named(
    path: Path, line: int, kind: str, name: str, reading: Reading, faults: Faults, numbers: values.Numbers, dates: values.Reader
) -> tuple[Column, values.Reader] | None:
    (column,) = known(kind, [name], reading.columns)
    if plain(name) in {plain(left_out) for left_out in reading.ignore}:
        return None
    if isinstance(column, Unknown):
        if "*" not in reading.ignore:
            faults.add(_unknown(path, line, kind, column))
        return None
    return column, reader(column, numbers, dates)


def _flat(value: Mapping[str, Any]) -> dict[str, str]:
    """An object's values as text by name; what is nested (address, contract) as if it were not."""
    flat: dict[str, str] = {}
    for name, part in value.items():
        if isinstance(part, dict):
            flat |= _flat(part)
        elif isinstance(part, bool):
            flat[name] = "yes" if part else "no"
        else:
            flat[name] = "" if part is None else str(part).strip()
    return flat
