"""What a person may choose for a line that was not matched: ranked, each with its reason. Never booked by itself."""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.money import ZERO
from einvoice.receivables.matching.evidence import Evidence
from einvoice.receivables.matching.fitting import State
from einvoice.receivables.matching.names import FULL, agreement, name_of
from einvoice.receivables.matching.reading import BankLine
from einvoice.receivables.matching.references import neighbours
from einvoice.receivables.matching.values import Proposal

MOST = 5
_MANY = 12
NAMED, _SLIP, _AMOUNT, _PAYER, _NAME = 70, 45, 25, 30, 20
"""The confidence of a proposal by what it rests on; of an invoice that is named, at least `NAMED`."""


def proposals(line: BankLine, evidence: Evidence, state: State, debtor: int | None) -> tuple[Proposal, ...]:
    """The best few: invoices that are named, a slip away, of the payer, or of that amount."""
    found: dict[tuple[int, tuple[int, ...]], Proposal] = {}
    for one in _all(line, evidence, state, debtor):
        key = one.debtor, tuple(ref for ref, _ in one.allocations)
        if key not in found or found[key].confidence < one.confidence:
            found[key] = one
    ranked = sorted(found.values(), key=lambda one: (-one.confidence, one.debtor, one.allocations))
    return tuple(ranked[:MOST])


def _all(line: BankLine, evidence: Evidence, state: State, debtor: int | None) -> Iterator[Proposal]:
    book = state.book
    for ref in sorted(evidence.referred | evidence.numbered | evidence.loosely)[:_MANY]:
        yield _invoice(line, evidence, state, ref, NAMED, f"{book.items[ref].number} is named")
    for digits in sorted(evidence.failing):
        for near in neighbours(digits) if digits.isdigit() else ():
            for ref in book.by_reference.get(near, ()):
                yield _invoice(line, evidence, state, ref, _SLIP, f"its reference is a slip away from {digits}")
    for ref in book.by_amount.get((line.currency, line.amount), ())[:_MANY]:
        if sum(state.left(book.items[ref])) > 0:
            yield _invoice(line, evidence, state, ref, _AMOUNT, f"the amount of {book.items[ref].number}")
    payers: set[int] = {debtor} if debtor is not None else set(evidence.payer.possible)
    for other in sorted(payers)[:_MANY]:
        sums = state.sums(other, line)
        if sums.subset:
            yield Proposal(other, state.shares(sums.subset, line.amount), 55, f"{book.numbers(sums.subset)} add up to the amount")
        oldest = [item.id for item in state.open_items(other, line.currency)]
        shares = state.shares(oldest, line.amount)
        yield Proposal(other, shares, _PAYER + _of_payer(line, evidence, state, other), f"{book.named(other)}: the oldest first")


def _invoice(line: BankLine, evidence: Evidence, state: State, ref: int, confidence: int, why: str) -> Proposal:
    item = state.book.items[ref]
    fit = state.fit(item, line)
    more = _of_payer(line, evidence, state, item.debtor) + (15 if fit else 0)
    shares = state.shares([ref], line.amount) if item.currency == line.currency else ()
    return Proposal(item.debtor, shares, min(confidence + more, 89), why, fit.discount if fit else ZERO)


def _of_payer(line: BankLine, evidence: Evidence, state: State, debtor: int) -> int:
    """What account and name add."""
    if evidence.payer.certain == debtor:
        return _NAME
    known = state.book.debtors.get(debtor)
    level = agreement(name_of(line.payer), known.words, state.book.sharing) if known else 0
    return (10 if debtor in evidence.payer.possible else 0) + (5 if level == FULL else 0)
