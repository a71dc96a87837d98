"""What the matcher works with and says: open items, who may have paid, and a match with its explanation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import ZERO
from einvoice.receivables.matching.names import Name
from einvoice.receivables.matching.reading import BankLine


class Discount(NamedTuple):
    """What may be left out where all the rest is paid by a day."""

    amount: Decimal
    until: date


class Item(NamedTuple):
    """An invoice: what is open of it, or the day on which it was settled. `checked` says that its reference has check digits."""

    id: int
    number: str
    debtor: int
    currency: str
    amount: Decimal
    open: Decimal
    charges: Decimal
    issued: date
    due: date
    settled_on: date | None = None
    reference: str | None = None
    discounts: tuple[Discount, ...] = ()

    @property
    def owes(self) -> Decimal:
        """All that is open, charges too."""
        return max(self.open, ZERO) + max(self.charges, ZERO)


class Debtor(NamedTuple):
    """A debtor, by name."""

    id: int
    key: str
    name: str
    words: Name


class Collection(NamedTuple):
    """A direct debit of ours."""

    debtor: int
    amount: Decimal
    state: str


class Credit(NamedTuple):
    """Money of a debtor that no invoice has got: of which transaction, how much is left."""

    transaction: int
    debtor: int
    left: Decimal
    currency: str


class Paid(NamedTuple):
    """A payment that came in before: what a reversal may take back."""

    key: str
    amount: Decimal
    currency: str
    booked: date
    iban: str
    end_to_end: str
    bank: str
    debtor: int | None


class Waiting(NamedTuple):
    """A line that came in before and waits for a person: what it is for nobody has said yet."""

    amount: Decimal
    currency: str
    iban: str
    payer: str
    names: frozenset[int] = frozenset()


class Said(NamedTuple):
    """A sentence of an explanation: its code, and whether it speaks for the match or against it."""

    code: str
    text: str
    holds: bool = True


class Proposal(NamedTuple):
    """What a person may choose: whose, which invoices get how much, how sure, and why."""

    debtor: int
    allocations: tuple[tuple[int, Decimal], ...]
    confidence: int
    why: str
    discount: Decimal = ZERO


class Match(NamedTuple):
    """What became of a line.

    `kind` is exact, partial, combined, discount, overpaid, returned, refund, payout, foreign or none; `state` is matched, account (whose
    money it is is certain, for what is not), open (a person decides) or ignored. `allocations` are invoices and what each gets; what is
    left stays on the debtor's account. `discount` is booked on the only invoice. `posts` says that money came in that the ledger books.
    `source` is the transaction whose money a refund pays back, `reverses` the key of the payment that a line takes back.
    """

    line: BankLine
    kind: str
    state: str
    debtor: int | None = None
    allocations: tuple[tuple[int, Decimal], ...] = ()
    confidence: int = 0
    explanation: tuple[Said, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    by: str = "amount"
    discount: Decimal = ZERO
    posts: bool = True
    source: int | None = None
    reverses: str = ""

    @property
    def automatic(self) -> bool:
        """Whether nobody has to look at it."""
        return self.state in ("matched", "ignored")
