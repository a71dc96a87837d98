"""Matches lines of a bank to what is owed: a stream of matches, each with its confidence and its explanation. Pure.

What is booked without a person rests on evidence that has no other reading: a checked reference, a number with its amount, or the debtor's
own account under its own name with an amount that only one reading explains. A second open or lately settled invoice that fits as well, of
the same or of another possible payer, is a rival; with a rival, or with a reference that fails its check digits or is not ours, a person
decides. Lines are taken in their order: what one pays is not open for the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from einvoice.receivables.matching.book import Book
from einvoice.receivables.matching.evidence import seen
from einvoice.receivables.matching.fitting import State
from einvoice.receivables.matching.incoming import ACCOUNT, money_in
from einvoice.receivables.matching.leaving import apart, money_out
from einvoice.receivables.matching.proposing import proposals
from einvoice.receivables.matching.reading import BankLine
from einvoice.receivables.matching.values import Match, Said


def match(lines: Iterable[BankLine], book: Book) -> Iterator[Match]:
    """What becomes of each line, in their order."""
    state = State(book)
    for line in lines:
        found = _one(line, state)
        state.follow(found)
        yield found


def _one(line: BankLine, state: State) -> Match:
    if (found := apart(line, state)) is not None:
        return found
    evidence = seen(line, state.book)
    if line.amount <= 0:
        return money_out(line, evidence, state)
    found = money_in(line, evidence, state)
    if found.state == "matched" and state.may_have_paid(line, found.allocations, evidence.referred):
        why = Said("waiting", "a line before with this amount waits for a person, who may decide that it paid this", False)
        found = Match(line, "none", "account", found.debtor, (), ACCOUNT, (*found.explanation, why))
    if found.state != "matched" and found.kind != "overpaid":
        state.wait(line, evidence.referred | evidence.numbered)
    if found.state in ("open", "account"):
        return found._replace(proposals=proposals(line, evidence, state, found.debtor))
    return found
