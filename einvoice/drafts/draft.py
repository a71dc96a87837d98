"""Reading a draft: bytes become text, text becomes invoices, and every fault is told with its place and its mend."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from einvoice import paths, settings
from einvoice.drafts import in_csv, in_json
from einvoice.drafts.faults import Places, findings, nearest_origin
from einvoice.errors import Location, Unreadable
from einvoice.model import Invoice
from einvoice.report import Finding


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice as a draft states it, and where each of its values stands."""

    invoice: Invoice
    places: Places = field(repr=False, default=dict)

    def line(self, path: str) -> int | None:
        """The line of the file (from 1) that a path such as `lines[0].price.net` stands in, or the nearest around it."""
        found = nearest_origin(paths.parse(path), self.places())
        return found.line if found else None


def read_draft(source: bytes | Path | BinaryIO) -> list[Invoice]:
    """The invoices that a draft in JSON or CSV states, as they are stated: nothing is calculated.

    Raises Unreadable, whose findings name line, field, term and mend of every fault.
    """
    return [draft.invoice for draft in read_drafts(source)]


def read_drafts(source: bytes | Path | BinaryIO, *, name: str | None = None, max_size: int | None = None) -> list[Draft]:
    """The same with the place of each value; `max_size` is in bytes, by default the setting's."""
    label = name or (str(source) if isinstance(source, Path) else None)
    try:
        text = _text(_bytes(source, settings.current().documents.max_size if max_size is None else max_size))
        stated = in_json.read(text) if text.lstrip()[:1] in ("{", "[") else in_csv.read(text)
        return _checked(stated)
    except Unreadable as fault:
        raise fault.within(label) from None


def _checked(stated: list[tuple[Any, Places]]) -> list[Draft]:
    """The invoices, or every fault of all of them in one error."""
    drafts: list[Draft] = []
    faults: list[Finding] = []
    for data, places in stated:
        try:
            drafts.append(Draft(Invoice.model_validate(data), places))
        except ValidationError as error:
            faults += findings(error, places())
    if faults:
        raise Unreadable(f"the draft has {len(faults)} fault{'s' if len(faults) > 1 else ''}", faults)
    return drafts


def _bytes(source: bytes | Path | BinaryIO, limit: int) -> bytes:
    try:
        if isinstance(source, Path):
            with source.open("rb") as stream:
                data = stream.read(limit + 1)
        else:
            data = source if isinstance(source, bytes) else source.read(limit + 1)
    except OSError as fault:
        raise Unreadable(f"the file cannot be read: {fault.strerror}", mend="check the path and its permissions") from None
    if len(data) > limit:
        raise Unreadable(f"the draft is larger than {limit:,} bytes", mend="raise the setting [documents] max_size if that is expected")
    return data


def _text(data: bytes) -> str:
    """The text in UTF-8, with or without a byte order mark.

    Raises Unreadable for other encodings and for an empty draft.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        where = Location(line=data.count(b"\n", 0, fault.start) + 1)
        raise Unreadable("the draft is not text in UTF-8", location=where, mend="save it as UTF-8") from None
    if not text.strip():
        raise Unreadable("the draft is empty", mend="state an invoice in JSON or CSV; `einvoice show --sample --format json` is an example")
    return text
