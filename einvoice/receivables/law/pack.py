"""A country's law as its data file says it: plain tuples, each figure with its source.

`einvoice.receivables.law.reading` makes them; nothing here knows a country by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple

from einvoice.receivables.law.rates import Table

MARKS = {"primary": "✔", "derived": "◐", "unverified": "?"}
"""What stands beside a figure: a primary source was read, it was derived from another figure, or nobody verified it."""


class Basis(NamedTuple):
    """Why a figure holds: since when, by which law or publication, and how sure that is (see `MARKS`)."""

    since: date
    source: str
    confidence: str

    def __str__(self) -> str:
        return f"{self.source} {MARKS[self.confidence]}"


class Counting(NamedTuple):
    """How days count: a year has `divisor` / 100 days, and interest bears interest each year or never."""

    divisor: int
    yearly: bool
    basis: Basis


class Start(NamedTuple):
    """When interest begins: `days` and `months` after the due date, the issue date or the end of the notice's term.

    `needs` is what the invoice's contract must say for this way to be open, None where nothing.
    """

    after: str
    days: int
    months: int
    needs: str | None


class Older(NamedTuple):
    """Contracts before a day bear fewer points."""

    before: date
    less: Decimal
    basis: Basis


class Floor(NamedTuple):
    """A contract's rate is at least so many times the rate of a table."""

    table: str
    times: Decimal
    basis: Basis


class InterestRule(NamedTuple):
    """Statutory interest: its table, the ways in which it begins, and the table that caps what a contract may say."""

    table: str
    starts: tuple[Start, ...]
    cap: str | None
    older: Older | None
    floor: Floor | None
    basis: Basis


class Tier(NamedTuple):
    """Costs of a debt up to `upto`: a fixed amount and percent of what is above `above`."""

    upto: Decimal | None
    fixed: Decimal
    percent: Decimal
    above: Decimal


class Vat(NamedTuple):
    """VAT on costs, in percent, which only a creditor who cannot deduct it adds."""

    rate: Decimal
    basis: Basis


class Instalments(NamedTuple):
    """Instalments of one agreement that fall due within so many months are added up."""

    months: int
    basis: Basis


class Fee(NamedTuple):
    """A fee for further reminders, with postage or without; `free` a year bear none where supply is regular."""

    most: Decimal
    postage: bool
    free: int
    basis: Basis


class CostRule(NamedTuple):
    """Costs of collection: tiers between least and most, after the due date or the notice's term; `needs` as of `Start`."""

    tiers: tuple[Tier, ...]
    least: Decimal
    most: Decimal | None
    after: str
    needs: str | None
    vat: Vat | None
    instalments: Instalments | None
    fee: Fee | None
    basis: Basis


class Notice(NamedTuple):
    """A notice that the law wants: the policy's documents that give it ("*": any), its term in days, what it must contain."""

    id: str
    documents: frozenset[str]
    days: int
    contents: tuple[str, ...]
    basis: Basis


class Debtors(NamedTuple):
    """What the law says of a kind of debtor."""

    interest: InterestRule | None
    costs: CostRule | None
    notice: Notice | None


class Posting(NamedTuple):
    """How long after it was sent a message is presumed received: working or calendar days."""

    working_days: int
    days: int


class Presumption(NamedTuple):
    """When messages are presumed received, by channel; a channel that is not here gives no notice."""

    channels: Mapping[str, Posting]
    basis: Basis


class Contact(NamedTuple):
    """When debtors may be contacted: hours, never on some days of the week (0 is Monday), holidays or not."""

    window: tuple[time, time]
    never: frozenset[int]
    holidays: bool
    no_call: bool
    basis: Basis


class Term(NamedTuple):
    """The longest payment term in days for kinds of debtors and sizes of both; `agreed` is how long it may be where agreed.

    `agreed` None: no agreement makes it longer; 0: any term that is fair.
    """

    kinds: frozenset[str]
    creditor: frozenset[str]
    debtor: frozenset[str]
    days: int
    agreed: int | None
    basis: Basis


class Pack(NamedTuple):
    """The law of a country."""

    country: str
    name: str
    currency: str
    members: frozenset[str]
    counting: Counting | None
    tables: Mapping[str, Table]
    debtors: Mapping[str, Debtors]
    receipt: Presumption | None
    contact: Contact | None
    terms: tuple[Term, ...]
