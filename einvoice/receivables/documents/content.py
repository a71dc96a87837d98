"""What a message says, before it takes the form of a mail, a letter, a short message or a call.

`compose` makes it from facts and words; the forms (`text`, `html`, `letter`) only lay it out, so that every form says the same.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Line(NamedTuple):
    """A row of the table of what is owed; `kind` is invoice, earlier, interest, costs, fee, vat, payment, term or total."""

    kind: str
    cells: tuple[str, ...]  # as many as the table has columns; amounts in the last


class Table(NamedTuple):
    """What is owed, or what was booked (a statement), or when what is paid (a plan): the last column holds amounts."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]


class Transfer(NamedTuple):
    """How to pay: `qr` is the text of the EPC QR code, "" where there is none; `iban` and `reference` as people write them."""

    amount: Decimal
    currency: str
    name: str
    iban: str
    bic: str
    reference: str
    words: str
    qr: str = ""
    scan: str = ""


class Link(NamedTuple):
    """A link and what it says; `kind` is pay, portal or verify."""

    kind: str
    words: str
    url: str


class Content(NamedTuple):
    """A finished message in a language, without a form.

    `document` says what it is (reminder, notice_of_default, statement, plan, …). `short` is the same for 160 characters or a few times
    that, `spoken` for a machine that reads it out, `script` for a person at the phone. `code` is the check code by which a receiver
    verifies it, `check` the sentence that says how. `template` is the SHA-256 of the words and layouts that it was made of.
    """

    document: str
    language: str
    subject: str
    greeting: str
    opening: tuple[str, ...]
    table: Table | None
    remarks: tuple[str, ...]
    transfer: Transfer | None
    links: tuple[Link, ...]
    contact: str
    closing: str
    signature: tuple[str, ...]
    short: str
    spoken: str
    script: str
    code: str
    check: str
    template: str
