"""The sheet: everything that is shown of an invoice, in words and order, before any layout.

Templates are given a sheet and nothing else. Every text on it is final: labels in the language, numbers and dates as people write them
there, control characters replaced. Names of fields are what templates rely on: they change only with a new major version.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Fact(NamedTuple):
    """A value beside its label; `term` is its BT id, None for a word of ours."""

    label: str
    value: str
    term: str | None = None


class Block(NamedTuple):
    """A heading, lines as they stand on a letter (name, street), and facts below them; `term` is the group, such as BG-4."""

    title: str
    term: str | None = None
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


class Column(NamedTuple):
    """A column of a table; numbers stand at the right. `term` is the BT id of what stands in it, the first where several do."""

    heading: str
    number: bool = False
    term: str | None = None


class Row(NamedTuple):
    """A row of a table, its cells in the order of the columns, and what belongs to it below.

    `depth` is how deep a line lies within others; `texts` take the whole width; `carried` is what the amounts add up to with this
    row, for the foot of a page, "" where nothing is carried.
    """

    cells: tuple[str, ...]
    depth: int = 0
    texts: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    carried: str = ""


class Table(NamedTuple):
    """A table; `flexible` is the number of the column that takes the room that is left."""

    title: str
    term: str | None
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    flexible: int = 0


class Payment(NamedTuple):
    """How to pay: what to say and where, and the text of an EPC QR code where one may be shown ("" where not).

    `scan` is the sentence that stands beside the code. `reference` is the remittance information as people write it
    (`+++090/9337/55493+++`, `RF18 5390 0754 7034`), "" where there is none.
    """

    title: str
    facts: tuple[Fact, ...] = ()
    accounts: tuple[Block, ...] = ()
    reference: str = ""
    qr: str = ""
    scan: str = ""


class Sheet(NamedTuple):
    """An invoice as it is shown.

    `language` is en, nl, de or fr; `kind` what the document is called; `headline` the amount due with its label; `sender` the one
    line above the address in a letter's window, `recipient` the lines of that address; `words` the words of ours that a template
    needs: "page", "of", "carried", "brought", "terms"; `day` the issue date as machines write it, "" where there is none.
    """

    language: str
    kind: str
    number: str
    title: str
    issue_date: str
    headline: Fact | None
    sender: str
    recipient: tuple[str, ...]
    facts: tuple[Fact, ...]
    parties: tuple[Block, ...]
    lines: Table | None
    totals: tuple[Fact, ...]
    words: dict[str, str]
    preceding: Table | None = None
    delivery: Block | None = None
    allowances: Table | None = None
    charges: Table | None = None
    vat: Table | None = None
    third_party_payments: Table | None = None
    payment: Payment | None = None
    notes: tuple[Fact, ...] = ()
    documents: Table | None = None
    unread: tuple[Fact, ...] = ()
    day: str = ""


def shape(sheet: Sheet) -> dict[str, Any]:
    """The sheet as templates and JSON take it: dictionaries, lists, texts, numbers and None."""
    made: dict[str, Any] = _plain(sheet)
    return made


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        named = getattr(value, "_fields", None)
        return {name: _plain(part) for name, part in zip(named, value, strict=True)} if named else [_plain(part) for part in value]
    return value
